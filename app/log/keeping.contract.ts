import { expect, test } from 'vitest'
import type { DocPath } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import {
  ack,
  bytes,
  confirmedRows,
  counters,
  cover,
  cursor,
  ids,
  journal,
  library,
  must,
  type OpenLogs,
  received,
  relay,
  sealedRow,
  updates
} from './log.fixture.ts'

export const changingHands = (open: OpenLogs): void => {
  test('[LG22] a new device key begins every line at 0, and what no relay has is unsealed again', async () => {
    await using tabs = await open()
    const had = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [had])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1)]))
    const lacks = await must(tabs.log.appendLocal(journal, bytes(2)))
    await must(tabs.log.keepSealed(journal, sealedRow(2, [lacks])))
    await must(tabs.log.receive(journal, relay, received(0, 1)))
    await must(tabs.log.beginAuthor())
    expect(await must(tabs.log.author(journal))).toEqual({ counter: 0, innerHash: EMPTY_CHAIN_HASH })
    expect(ids(await must(tabs.log.unsealed(journal)))).toEqual([lacks])
    expect(await counters(tabs.log, journal, relay)).toEqual([])
    expect((await must(tabs.log.shard(journal, relay))).cursor).toEqual(cursor(1))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [lacks])))
    expect(await counters(tabs.log, journal, relay)).toEqual([1])
  })

  test('[LG23] under another root all content becomes local and unsealed, in order; done twice it is the same', async () => {
    await using tabs = await open()
    const rows = await confirmedRows(tabs.log, 2)
    const { baseId } = await must(tabs.log.foldable(journal))
    await must(tabs.log.fold(journal, { state: 'confirmed', baseId, rows, bytes: bytes(1, 2) }))
    await must(tabs.log.receive(journal, relay, received(0, 3, { updates: [bytes(3)], covers: [cover(1)] })))
    await must(tabs.log.receive(library, relay, received(0, 1, { updates: [bytes(4)] })))
    await must(tabs.log.keepProof('writer', 'root', bytes(7)))
    await must(tabs.log.reroot())
    const content = updates(await must(tabs.log.unsealed(journal)))
    expect(content).toEqual([[1, 2], [3]])
    expect(await must(tabs.other.load(journal))).toMatchObject({ base: undefined })
    expect(updates(await must(tabs.log.unsealed(library)))).toEqual([[4]])
    expect((await must(tabs.log.author(journal))).counter).toBe(0)
    expect(await must(tabs.log.shard(journal, relay))).toMatchObject({ cursor: cursor(0), covers: [] })
    expect(await must(tabs.log.proofs())).toHaveLength(1)
    const before = await must(tabs.log.load(journal))
    await must(tabs.other.reroot())
    expect(await must(tabs.log.load(journal))).toEqual(before)
    expect(updates(await must(tabs.log.unsealed(journal)))).toEqual(content)
  })
}

export const keeping = (open: OpenLogs): void => {
  test('[LG24] forget removes everything of the named documents and nothing of others', async () => {
    await using tabs = await open()
    for (const doc of [journal, library]) {
      const id = await must(tabs.log.appendLocal(doc, bytes(1)))
      await must(tabs.log.keepSealed(doc, sealedRow(1, [id])))
      await must(tabs.log.receive(doc, relay, received(0, 1, { covers: [cover(1)], own: [ack(1, 1)] })))
    }
    const heard: DocPath[] = []
    tabs.log.subscribe((doc) => heard.push(doc))
    await must(tabs.log.forget([journal]))
    expect(heard).toEqual([journal])
    expect(await must(tabs.other.documents())).toEqual([library])
    expect(await must(tabs.other.load(journal))).toEqual({ base: undefined, rows: [], upTo: 0 })
    expect(await must(tabs.other.author(journal))).toEqual({ counter: 0, innerHash: EMPTY_CHAIN_HASH })
    expect((await must(tabs.other.shard(journal, relay))).cursor).toEqual(cursor(0))
    expect((await must(tabs.other.shard(library, relay))).cursor).toEqual(cursor(1))
    await must(tabs.log.forget('all'))
    expect(await must(tabs.other.documents())).toEqual([])
    expect(await must(tabs.other.author(library))).toMatchObject({ counter: 0 })
  })

  test('[LG25] proofs are kept for ever, also when everything is forgotten', async () => {
    await using tabs = await open()
    await must(tabs.log.keepProof('writer', 'root', bytes(1)))
    await must(tabs.log.keepProof('erasure', 'root', bytes(2)))
    await must(tabs.log.keepProof('writer', 'root', bytes(3)))
    await must(tabs.log.forget('all'))
    const proofs = [...(await must(tabs.other.proofs()))]
    expect(proofs).toEqual([
      { kind: 'erasure', key: 'root', bytes: bytes(2) },
      { kind: 'writer', key: 'root', bytes: bytes(3) }
    ])
  })

  test('[LG26] the shelf keeps copies of values, keys that may not be exported among them, and forget leaves it', async () => {
    await using tabs = await open()
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])
    const value = { words: ['one'], at: new Date(0), key }
    await must(tabs.log.put('phrase', value))
    value.words.push('two')
    await must(tabs.log.forget('all'))
    const kept = (await must(tabs.other.get('phrase'))) as typeof value
    expect(kept.words).toEqual(['one'])
    expect(kept.at).toEqual(new Date(0))
    expect(kept.key.extractable).toBe(false)
    await must(tabs.other.delete('phrase'))
    expect(await must(tabs.log.get('phrase'))).toBeUndefined()
  })
}
