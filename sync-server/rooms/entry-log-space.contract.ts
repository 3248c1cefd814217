import { describe, expect, test } from 'vitest'
import { seq } from '#core/ids.ts'
import {
  a1,
  a2,
  append,
  b1,
  bytes,
  chainOf,
  entries,
  type LogPlace,
  onEmptyLog,
  readAll,
  refusal,
  rootA,
  snapshotTo,
  texts,
  value
} from './entry-log-verbs.contract.ts'

export const entryLogSpace = (place: () => Promise<LogPlace>): void => {
  const withLog = onEmptyLog(place)

  describe('space', () => {
    test('[EL15] a full root refuses and says so; compaction makes room', () =>
      withLog(async (log) => {
        const big = [bytes('a', 400), bytes('b', 400)]
        value(await append(log, a1, big))
        expect(refusal(await append(log, a1, [bytes('c', 201)]))).toBe('root-full')
        expect(refusal(await append(log, a2, [bytes('c', 201)]))).toBe('root-full')
        expect(refusal(await append(log, b1, [bytes('c', 201)]))).toBe('accepted')
        expect(value(await append(log, a1, big)).seqs).toEqual([1, 2])
        const hash = chainOf(a1, big)[2]
        expect(refusal(await log.snapshot(a1, 0, snapshotTo(2, hash, bytes('s', 1_001))))).toBe('root-full')
        value(await log.snapshot(a1, 0, snapshotTo(2, hash, bytes('s', 100))))
        expect(refusal(await append(log, a1, [bytes('c', 201)]))).toBe('accepted')
        expect(await log.usage(1)).toEqual([{ root: rootA, bytes: 301 }])
      }, 1_000))

    test('[EL19] churn does not grow the graveyard beyond the quota', () =>
      withLog(async (log, at) => {
        const all: Uint8Array[] = []
        for (let round = 1; round <= 6; round++) {
          at.setNow(round)
          all.push(bytes(`round ${round}`, 300))
          await append(log, a1, all.slice(-1))
          value(await log.snapshot(a1, 0, snapshotTo(round, chainOf(a1, all)[round], bytes('s', 100))))
        }
        // Each round supersedes 400 bytes (the first 300), and 1,000 may wait.
        const waiting = await Promise.all(
          [1, 2, 3, 4, 5, 6].map(async (to) => value(await log.readSnapshot(a1, seq(to), 0)) !== undefined)
        )
        expect(waiting).toEqual([false, false, false, true, true, true])
        expect(await log.purge(7)).toBe(2)
      }, 1_000))

    test('[EL21] a full disk refuses, keeps nothing, and recovers', () =>
      withLog(async (log, at) => {
        await append(log, a1, entries('one'))
        const giveBack = await at.fill(log)
        const noise = bytes('x', 500_000)
        expect(['relay-full', 'store']).toContain(refusal(await append(log, a1, [noise])))
        expect((await readAll(log, a1)).head.seq).toBe(1)
        expect(texts((await readAll(log, a1)).entries)).toEqual(['one'])
        await giveBack()
        expect(value(await append(log, a1, [noise])).seqs).toEqual([2])
      }))
  })
}
