import { describe, expect, test } from 'vitest'
import { seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import {
  a1,
  a2,
  append,
  bytes,
  chainOf,
  entries,
  type LogPlace,
  onEmptyLog,
  readAll,
  refusal,
  snapshotTo,
  texts,
  value
} from './entry-log-verbs.contract.ts'

export const entryLogSnapshots = (place: () => Promise<LogPlace>): void => {
  const withLog = onEmptyLog(place)

  describe('snapshots', () => {
    test('[EL8] a snapshot that is not newer, not inside, or of another history loses', () =>
      withLog(async (log) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        await append(log, a1, list)
        const swap = async (to: number, hash: Uint8Array | undefined) =>
          refusal(await log.snapshot(a1, 0, snapshotTo(to, hash)))
        expect(await swap(4, hashes[3])).toBe('cas')
        expect(await swap(2, hashes[1])).toBe('cas')
        expect(await log.snapshot(a1, 0, snapshotTo(2, hashes[2]))).toEqual({
          ok: true,
          value: { seq: 2, hash: hashes[2] }
        })
        expect(await swap(2, hashes[2])).toBe('cas')
        expect(await swap(1, hashes[1])).toBe('cas')
        expect((await readAll(log, a1)).snapshot?.to).toBe(2)
        expect(await swap(3, hashes[3])).toBe('accepted')
        expect(refusal(await log.snapshot(a2, 0, snapshotTo(1, hashes[1])))).toBe('cas')
      }))

    test('[EL9] a read from before the snapshot names it', () =>
      withLog(async (log) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        await append(log, a1, list)
        const body = bytes('two in one')
        value(await log.snapshot(a1, 0, snapshotTo(2, hashes[2], body)))
        for (const from of [0, 1]) {
          const tail = await readAll(log, a1, from, hashes[from])
          expect(tail.snapshot).toEqual({ from: 1, to: 2, hashTo: hashes[2], size: body.byteLength })
          expect(texts(tail.entries)).toEqual(['three'])
        }
        const rest = await readAll(log, a1, 2, hashes[2])
        expect(rest.snapshot).toBeUndefined()
        expect(texts(rest.entries)).toEqual(['three'])
      }))

    test('[EL10] a snapshot comes back part by part', () =>
      withLog(async (log) => {
        const body = new Uint8Array(SNAPSHOT_CHUNK_BYTES * 2 + 5).map((_, index) => index % 251)
        await append(log, a1, entries('one'))
        value(await log.snapshot(a1, 0, snapshotTo(1, chainOf(a1, entries('one'))[1], body)))
        const part = async (index: number, to = 1) => value(await log.readSnapshot(a1, seq(to), index))
        const parts = [await part(0), await part(1), await part(2)]
        expect(Buffer.concat(parts.map((each) => each ?? new Uint8Array())).equals(body)).toBe(true)
        expect(parts[2]?.byteLength).toBe(5)
        expect(await part(3)).toBeUndefined()
        expect(await part(0, 2)).toBeUndefined()
      }))

    test('[EL11] after a purge the chain goes on and purged entries stay known', () =>
      withLog(async (log, at) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        await append(log, a1, list.slice(0, 2))
        at.setNow(1_000)
        value(await log.snapshot(a1, 0, snapshotTo(2, hashes[2])))
        expect(await log.purge(1_001)).toBe(2)
        expect(value(await append(log, a1, [bytes('one'), bytes('three')])).seqs).toEqual([1, 3])
        expect((await readAll(log, a1, 1, hashes[1])).snapshot?.to).toBe(2)
        expect((await readAll(log, a1)).head).toEqual({ seq: 3, hash: hashes[3] })
        // The next compaction of a purged shard works like the first.
        value(await log.snapshot(a1, 0, snapshotTo(3, hashes[3])))
        expect((await readAll(log, a1)).entries).toEqual([])
      }))

    test('[EL12] a purge leaves what is younger', () =>
      withLog(async (log, at) => {
        const hashes = chainOf(a1, entries('one', 'two'))
        await append(log, a1, entries('one', 'two'))
        at.setNow(1_000)
        value(await log.snapshot(a1, 0, snapshotTo(1, hashes[1])))
        at.setNow(2_000)
        value(await log.snapshot(a1, 0, snapshotTo(2, hashes[2])))
        expect(await log.purge(1_000)).toBe(0)
        expect(value(await log.readSnapshot(a1, seq(1), 0))).toBeDefined()
        expect(await log.purge(1_500)).toBe(1)
        expect(await log.purge(1_500)).toBe(0)
        expect(await log.purge(2_001)).toBe(1)
        expect(value(await log.readSnapshot(a1, seq(1), 0))).toBeUndefined()
        expect(value(await log.readSnapshot(a1, seq(2), 0))).toBeDefined()
      }))
  })
}
