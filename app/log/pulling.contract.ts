import { expect, test } from 'vitest'
import { seq } from '#core/ids.ts'
import {
  ack,
  bytes,
  counters,
  cover,
  cursor,
  hash,
  ids,
  journal,
  library,
  mirror,
  must,
  type OpenLogs,
  received,
  refusal,
  relay,
  sealedRow,
  updates
} from './log.fixture.ts'

export const receiving = (open: OpenLogs): void => {
  test('[LG18] a received stretch is written as one: rows, cursor, covers, opaque entries, own acknowledgements', async () => {
    await using tabs = await open()
    const own = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [own])))
    const stretch = received(0, 7, {
      updates: [bytes(8), bytes(9)],
      covers: [cover(3)],
      opaque: [{ seq: seq(6), bytes: bytes(6) }],
      tailBytes: 70,
      snapshotBytes: 10,
      own: [ack(1, 5)]
    })
    const last = await must(tabs.log.receive(journal, relay, stretch))
    const loaded = await must(tabs.other.load(journal))
    expect(updates(loaded.rows)).toEqual([[1], [8], [9]])
    expect(loaded.upTo).toBe(last)
    expect(await must(tabs.other.unsealed(journal))).toEqual([])
    expect(ids((await must(tabs.other.foldable(journal))).confirmed)).toEqual(ids(loaded.rows))
    expect(await counters(tabs.other, journal, relay)).toEqual([])
    expect(await must(tabs.other.shard(journal, relay))).toEqual({
      cursor: cursor(7),
      remembered: [],
      covers: [cover(3)],
      opaque: [{ seq: seq(6), bytes: bytes(6) }],
      tailBytes: 70,
      snapshotBytes: 10,
      heldElsewhere: 0
    })
  })

  test('[LG19] a stretch that does not begin at the kept cursor is refused as raced and leaves nothing', async () => {
    await using tabs = await open()
    const stretch = received(0, 2, { updates: [bytes(1)] })
    const both = await Promise.all([tabs.log, tabs.other].map((log) => log.receive(journal, relay, stretch)))
    expect(both.filter((result) => result.ok)).toHaveLength(1)
    const otherHash = { ...received(2, 3, { updates: [bytes(2)] }), from: { seq: seq(2), hash: hash(99) } }
    expect(await refusal(tabs.log.receive(journal, relay, otherHash))).toBe('raced')
    expect(updates((await must(tabs.log.load(journal))).rows)).toEqual([[1]])
    expect((await must(tabs.log.shard(journal, relay))).cursor).toEqual(cursor(2))
  })

  test('[LG20] older cursors are remembered, the newest first, near ones all and far ones ever more sparsely', async () => {
    await using tabs = await open()
    for (let at = 0; at < 200; at++) await must(tabs.log.receive(journal, relay, received(at, at + 1)))
    const seqs = (await must(tabs.log.shard(journal, relay))).remembered.map((each) => Number(each.seq))
    expect(seqs.slice(0, 8)).toEqual([199, 198, 197, 196, 195, 194, 193, 192])
    expect(seqs.length).toBeLessThan(20)
    for (const lost of [10, 30, 60, 100]) expect(seqs.some((at) => at <= 199 - lost && at >= 199 - 2 * lost)).toBe(true)
    await must(tabs.log.rewind(journal, relay, cursor(seqs[3] as number)))
    const after = await must(tabs.log.shard(journal, relay))
    expect(after.cursor).toEqual(cursor(196))
    expect(after.remembered.map((each) => Number(each.seq))).toEqual(seqs.slice(4))
  })

  test('[LG21] cursors and acknowledgements belong to one relay; a rewind keeps what is known of authors', async () => {
    await using tabs = await open()
    await must(tabs.log.receive(journal, relay, received(0, 4, { covers: [cover(2)] })))
    expect((await must(tabs.log.shard(journal, mirror))).cursor).toEqual(cursor(0))
    expect((await must(tabs.log.shard(library, relay))).cursor).toEqual(cursor(0))
    await must(tabs.log.noteHeld(journal, relay, seq(4)))
    await must(tabs.log.noteHeld(journal, relay, seq(3)))
    expect((await must(tabs.log.shard(journal, relay))).heldElsewhere).toBe(4)
    await must(tabs.log.rewind(journal, relay, cursor(1)))
    expect(await must(tabs.log.shard(journal, relay))).toMatchObject({
      cursor: cursor(1),
      covers: [cover(2)],
      heldElsewhere: 1
    })
  })

  test('[LG49] a relay that is forgotten leaves its content, and no cursor, cover or acknowledgement', async () => {
    await using tabs = await open()
    const own = await must(tabs.log.appendLocal(journal, bytes(1)))
    await must(tabs.log.keepSealed(journal, sealedRow(1, [own])))
    const stretch = received(0, 4, { updates: [bytes(8)], covers: [cover(2)], own: [ack(1, 3)] })
    await must(tabs.log.receive(journal, relay, stretch))
    await must(tabs.log.receive(journal, mirror, received(0, 7, { covers: [cover(2)] })))
    await must(tabs.log.forgetRelay(relay))
    expect(await must(tabs.other.shard(journal, relay))).toMatchObject({ cursor: cursor(0), covers: [] })
    expect((await must(tabs.other.shard(journal, mirror))).cursor).toEqual(cursor(7))
    expect(updates((await must(tabs.other.load(journal))).rows)).toEqual([[1], [8]])
    expect(await counters(tabs.log, journal, mirror)).toEqual([1])
    expect(await counters(tabs.log, journal, relay)).toEqual([1])
    expect(await must(tabs.log.unsealed(journal))).toEqual([])
  })
}
