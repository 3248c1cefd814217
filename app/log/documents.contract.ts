import { expect, test } from 'vitest'
import type { DocPath, Row, RowId } from '#app/store/ports.ts'
import {
  ack,
  bytes,
  confirmedRows,
  ids,
  journal,
  library,
  must,
  type OpenLogs,
  received,
  refusal,
  relay,
  sealedRow,
  updates
} from './log.fixture.ts'
import type { Log } from './log.ts'

export const documents = (open: OpenLogs): void => {
  test('[LG1] an unknown document is empty, and what was appended is loaded in order', async () => {
    await using tabs = await open()
    expect(await must(tabs.log.load(journal))).toEqual({ base: undefined, rows: [], upTo: 0 })
    await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.appendLocal(library, bytes(9)))
    await must(tabs.log.appendLocal(journal, bytes(2)))
    const loaded = await must(tabs.log.load(journal))
    expect(updates(loaded.rows)).toEqual([[1], [2]])
    expect(loaded.upTo).toBe(loaded.rows[1]?.id)
    expect(await must(tabs.log.documents())).toEqual([journal, library])
  })

  test('[LG2] a local edit is in the document and in the outbox by one transaction', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    expect(ids((await must(tabs.log.load(journal))).rows)).toEqual([id])
    expect(ids(await must(tabs.log.unsealed(journal)))).toEqual([id])
    expect(await must(tabs.log.waiting(relay))).toEqual([journal])
  })

  test('[LG3] row ids rise over all documents and tabs and are not used twice, also after everything was forgotten', async () => {
    await using tabs = await open()
    const written = await Promise.all([
      must(tabs.log.appendLocal(journal, bytes(1))),
      must(tabs.other.appendLocal(library, bytes(2))),
      must(tabs.log.appendLocal(library, bytes(3)))
    ])
    expect(new Set(written).size).toBe(3)
    await must(tabs.log.forget('all'))
    expect(await must(tabs.other.appendLocal(journal, bytes(4)))).toBeGreaterThan(Math.max(...written))
  })

  test('[LG4] readAfter brings what came since, from the other tab too, and nothing twice', async () => {
    await using tabs = await open()
    const first = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.other.appendLocal(journal, bytes(2)))
    await must(tabs.other.receive(journal, relay, received(0, 1, { updates: [bytes(3)] })))
    const since = await must(tabs.log.readAfter(journal, first))
    expect(updates(since.rows)).toEqual([[2], [3]])
    expect(since.base).toBeUndefined()
    expect(await must(tabs.log.readAfter(journal, since.upTo))).toEqual({ base: undefined, rows: [], upTo: since.upTo })
  })

  test('[LG5] a subscriber in either tab hears of a change, and of nothing after it left', async () => {
    await using tabs = await open()
    const heardHere: DocPath[] = []
    const leave = tabs.log.subscribe((doc) => heardHere.push(doc))
    const heardThere = new Promise<DocPath>((resolve) => tabs.other.subscribe(resolve))
    await must(tabs.log.appendLocal(journal, bytes(1)))
    expect(await heardThere).toBe(journal)
    expect(heardHere).toEqual([journal])
    leave()
    await must(tabs.log.appendLocal(journal, bytes(2)))
    expect(heardHere).toEqual([journal])
  })

  test('[LG5] every tab is told of all documents when it is asked for', async () => {
    await using tabs = await open()
    for (const doc of [journal, library]) await must(tabs.log.appendLocal(doc, bytes(1)))
    const heard: DocPath[] = []
    const heardThere = new Promise<void>((resolve) =>
      tabs.other.subscribe((doc) => {
        heard.push(doc)
        if (heard.includes(journal) && heard.includes(library)) resolve()
      })
    )
    await must(tabs.log.hintAll())
    await heardThere
    expect([...new Set(heard)].sort()).toEqual([journal, library])
  })

  test('[LG6] a closed log answers every verb with closed, never with an empty document', async () => {
    await using tabs = await open()
    await must(tabs.log.appendLocal(journal, bytes(1)))
    await tabs.log.close()
    expect(await refusal(tabs.log.load(journal))).toBe('closed')
    expect(await refusal(tabs.log.appendLocal(journal, bytes(2)))).toBe('closed')
    expect(await refusal(tabs.log.get('phrase'))).toBe('closed')
    expect(updates((await must(tabs.other.load(journal))).rows)).toEqual([[1]])
  })

  test('[LG7] bytes that are a view on a larger buffer are kept alone', async () => {
    await using tabs = await open()
    await must(tabs.log.appendLocal(journal, new Uint8Array(1_000).fill(7).subarray(10, 12)))
    const [row] = (await must(tabs.log.load(journal))).rows
    expect(row?.update.buffer.byteLength).toBe(2)
  })
}

export const folding = (open: OpenLogs): void => {
  test('[LG8] confirmed rows fold into the base; a reader who had not seen them gets the base, one who had does not', async () => {
    await using tabs = await open()
    const rows = await confirmedRows(tabs.log, 3)
    const before = await must(tabs.log.foldable(journal))
    expect({ base: before.base, confirmed: ids(before.confirmed) }).toEqual({ base: undefined, confirmed: rows })
    const fold = { state: 'confirmed', baseId: before.baseId, rows, bytes: bytes(1, 2, 3) } as const
    await must(tabs.log.fold(journal, fold))
    expect(await must(tabs.other.load(journal))).toEqual({ base: bytes(1, 2, 3), rows: [], upTo: rows[2] })
    expect((await must(tabs.other.readAfter(journal, rows[0] as RowId))).base).toEqual(bytes(1, 2, 3))
    expect((await must(tabs.other.readAfter(journal, rows[2] as RowId))).base).toBeUndefined()
  })

  test('[LG9] of two folds of the same base or rows one is refused as raced and changes nothing', async () => {
    await using tabs = await open()
    const rows = await confirmedRows(tabs.log, 3)
    const { baseId } = await must(tabs.log.foldable(journal))
    await must(tabs.log.fold(journal, { state: 'confirmed', baseId, rows: rows.slice(1), bytes: bytes(2, 3) }))
    const late = { state: 'confirmed', baseId, rows: rows.slice(0, 1), bytes: bytes(1) } as const
    expect(await refusal(tabs.other.fold(journal, late))).toBe('raced')
    const next = await must(tabs.other.foldable(journal))
    expect(await refusal(tabs.other.fold(journal, { ...late, baseId: next.baseId, rows }))).toBe('raced')
    expect(await must(tabs.other.load(journal))).toEqual({
      base: bytes(2, 3),
      rows: [{ id: rows[0], update: bytes(1) }],
      upTo: rows[2]
    })
    // Folding the older row does not raise upTo: only the new id of the base tells the two bases apart.
    await must(tabs.other.fold(journal, { ...late, baseId: next.baseId, bytes: bytes(1, 2, 3) }))
    const stale = { state: 'confirmed', baseId: next.baseId, rows: [await oneMore(tabs.log)], bytes: bytes(4) } as const
    expect(await refusal(tabs.log.fold(journal, stale))).toBe('raced')
  })

  test('[LG10] a folded row keeps its place: what was written after it comes after it, in the outbox too', async () => {
    await using tabs = await open()
    const rows: RowId[] = []
    for (let n = 1; n <= 4; n++) rows.push(await must(tabs.log.appendLocal(journal, bytes(n))))
    const fold = { state: 'unsealed', baseId: 0 as RowId } as const
    await must(tabs.log.fold(journal, { ...fold, rows: rows.slice(0, 2), bytes: bytes(1, 2) }))
    const later = [[1, 2], [3], [4]]
    const loaded = await must(tabs.log.load(journal))
    expect(updates(loaded.rows)).toEqual(later)
    expect(loaded.upTo).toBe(loaded.rows[0]?.id)
    expect(updates(await must(tabs.log.unsealed(journal)))).toEqual(later)
    const [first, second] = (await must(tabs.log.foldable(journal))).unsealed
    await must(tabs.log.fold(journal, { ...fold, rows: ids([first, second] as Row[]), bytes: bytes(1, 2, 3) }))
    await must(tabs.log.reroot())
    expect(updates((await must(tabs.other.load(journal))).rows)).toEqual([[1, 2, 3], [4]])
  })

  test('[LG10] unsealed rows fold into one unsealed row; sealed or waiting ones are refused as confirmed', async () => {
    await using tabs = await open()
    const rows = [
      await must(tabs.log.appendLocal(journal, bytes(1))),
      await must(tabs.log.appendLocal(journal, bytes(2)))
    ]
    const { baseId } = await must(tabs.log.foldable(journal))
    const fold = { baseId, rows, bytes: bytes(1, 2) }
    expect(await refusal(tabs.log.fold(journal, { ...fold, state: 'confirmed' }))).toBe('raced')
    const folded = await must(tabs.log.fold(journal, { ...fold, state: 'unsealed' }))
    expect(await must(tabs.log.unsealed(journal))).toEqual([{ id: folded, update: bytes(1, 2) }])
    expect(updates((await must(tabs.other.readAfter(journal, rows[1] as RowId))).rows)).toEqual([[1, 2]])
    await must(tabs.log.keepSealed(journal, sealedRow(1, [folded])))
    expect(await refusal(tabs.log.fold(journal, { ...fold, rows: [folded], state: 'unsealed' }))).toBe('raced')
    expect(await must(tabs.log.foldable(journal))).toMatchObject({ confirmed: [], unsealed: [] })
  })
}

const oneMore = async (log: Log): Promise<RowId> => {
  const id = await must(log.appendLocal(journal, bytes(77)))
  const { counter } = await must(log.author(journal))
  await must(log.keepSealed(journal, sealedRow(counter + 1, [id])))
  await must(log.acknowledge(journal, relay, [ack(counter + 1, counter + 1)]))
  return id
}
