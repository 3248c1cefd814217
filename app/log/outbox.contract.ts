import { expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import {
  ack,
  bytes,
  counters,
  cursor,
  hash,
  ids,
  journal,
  mirror,
  must,
  type OpenLogs,
  refusal,
  relay,
  sealedRow
} from './log.fixture.ts'

export const sealing = (open: OpenLogs): void => {
  test('[LG11] sealed bytes are kept with their counter; the author goes on from them', async () => {
    await using tabs = await open()
    expect(await must(tabs.log.author(journal))).toEqual({ counter: 0, innerHash: EMPTY_CHAIN_HASH })
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [])))
    await must(tabs.log.keepSealed(journal, sealedRow(2, [id])))
    expect(await must(tabs.other.author(journal))).toEqual({ counter: 2, innerHash: hash(2) })
    expect(await must(tabs.other.unsealed(journal))).toEqual([])
    expect(await must(tabs.other.unacknowledged(journal, relay))).toEqual([sealedRow(1, []), sealedRow(2, [id])])
  })

  test('[LG12] a counter that is not the next one, or rows already sealed, are refused as raced', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    expect(await refusal(tabs.log.keepSealed(journal, sealedRow(2, [id])))).toBe('raced')
    const both = await Promise.all([tabs.log, tabs.other].map((log) => log.keepSealed(journal, sealedRow(1, [id]))))
    expect(both.filter((result) => result.ok)).toHaveLength(1)
    expect(await refusal(tabs.other.keepSealed(journal, sealedRow(2, [id])))).toBe('raced')
    expect(await counters(tabs.log, journal, relay)).toEqual([1])
  })

  test('[LG13] the same counter is sealed anew only for a later epoch, the same rows and before any acknowledgement', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [id])))
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(1, [id], 0)))).toBe('raced')
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(1, [], 1)))).toBe('raced')
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(2, [], 1)))).toBe('raced')
    await must(tabs.log.replaceSealed(journal, sealedRow(1, [id], 1)))
    expect(await must(tabs.log.unacknowledged(journal, relay))).toEqual([sealedRow(1, [id], 1)])
    expect(await must(tabs.log.author(journal))).toEqual({ counter: 1, innerHash: hash(101) })
    await must(tabs.log.acknowledge(journal, mirror, [ack(1, 1)]))
    expect(await refusal(tabs.log.replaceSealed(journal, sealedRow(1, [id], 2)))).toBe('raced')
  })
}

export const acknowledging = (open: OpenLogs): void => {
  test('[LG14] one relay confirms the rows; the other still gets the same bytes', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [id])))
    expect(ids((await must(tabs.log.foldable(journal))).confirmed)).toEqual([])
    for (const _ of ['once', 'again']) await must(tabs.log.acknowledge(journal, relay, [ack(1, 5), ack(9, 6)]))
    expect(ids((await must(tabs.log.foldable(journal))).confirmed)).toEqual([id])
    expect(await must(tabs.log.waiting(relay))).toEqual([])
    expect(await must(tabs.log.waiting(mirror))).toEqual([journal])
    expect(await must(tabs.log.unacknowledged(journal, mirror))).toEqual([sealedRow(1, [id])])
  })

  test('[LG15] acknowledgements may come in any order', async () => {
    await using tabs = await open()
    for (let n = 1; n <= 4; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(3, 3)]))
    expect(await counters(tabs.log, journal, relay)).toEqual([1, 2, 4])
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1), ack(4, 4)]))
    expect(await counters(tabs.other, journal, relay)).toEqual([2])
    await must(tabs.log.acknowledge(journal, relay, [ack(2, 2)]))
    expect(await counters(tabs.log, journal, relay)).toEqual([])
    expect(await must(tabs.log.waiting(relay))).toEqual([])
  })

  test('[LG16] a rewind forgets what the relay acknowledged past it: those rows are sent again under the same bytes', async () => {
    await using tabs = await open()
    const id = await must(tabs.log.appendLocal(journal, bytes(1)))
    for (let n = 1; n <= 3; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, n === 3 ? [id] : [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 2), ack(2, 4), ack(3, 6)]))
    await must(tabs.log.acknowledge(journal, mirror, [ack(1, 1), ack(2, 2), ack(3, 3)]))
    await must(tabs.log.rewind(journal, relay, cursor(4)))
    expect(await must(tabs.log.unacknowledged(journal, relay))).toEqual([sealedRow(3, [id])])
    expect(await counters(tabs.log, journal, mirror)).toEqual([])
    expect(ids((await must(tabs.log.foldable(journal))).confirmed)).toEqual([id])
    await must(tabs.log.rewind(journal, relay, cursor(0)))
    expect(await counters(tabs.log, journal, relay)).toEqual([1, 2, 3])
    expect((await must(tabs.log.shard(journal, relay))).cursor).toEqual(cursor(0))
  })

  test('[LG17] superseded sealed bytes are dropped once acknowledged, and are not waited for afterwards', async () => {
    await using tabs = await open()
    for (let n = 1; n <= 3; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1), ack(3, 3)]))
    await must(tabs.log.dropSealed(journal, 2))
    await must(tabs.log.rewind(journal, relay, cursor(0)))
    expect(await counters(tabs.log, journal, relay)).toEqual([2, 3])
    await must(tabs.log.acknowledge(journal, relay, [ack(2, 1), ack(3, 2)]))
    await must(tabs.log.dropSealed(journal, 3))
    await must(tabs.log.rewind(journal, relay, cursor(0)))
    expect(await must(tabs.log.waiting(relay))).toEqual([])
    expect(await must(tabs.log.waiting(mirror))).toEqual([])
    expect((await must(tabs.log.author(journal))).counter).toBe(3)
  })

  test('[LG17] superseded sealed bytes stay while one of several relays has not acknowledged them', async () => {
    await using tabs = await open()
    for (let n = 1; n <= 2; n++) await must(tabs.log.keepSealed(journal, sealedRow(n, [])))
    await must(tabs.log.acknowledge(journal, relay, [ack(1, 1), ack(2, 2)]))
    await must(tabs.log.acknowledge(journal, mirror, [ack(1, 1)]))
    await must(tabs.log.dropSealed(journal, 2, [relay, mirror]))
    expect(await counters(tabs.log, journal, mirror)).toEqual([2])
    await must(tabs.log.rewind(journal, mirror, cursor(0)))
    expect(await counters(tabs.log, journal, mirror)).toEqual([2])
  })
}
