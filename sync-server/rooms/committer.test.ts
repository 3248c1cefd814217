import { expect, test } from 'vitest'
import type { ShardId } from '#core/ids.ts'
import { ok, type Result } from '#core/result.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { createStandingClock } from '#testing/wire/relay-rig.ts'
import { sha256 } from '#testing/wire/root.ts'
import { createCommitter } from './committer.ts'
import type { Appended, StoreFailure } from './ports.ts'
import { RELAY_LIMITS } from './relay-ports.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('the oldest that waits is known while it is queued and while it is on its way to the disk', async () => {
  const clock = createStandingClock(1_000)
  const answers: ((results: readonly Result<Appended, StoreFailure>[]) => void)[] = []
  const memory = createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: clock.now, rootBytes: 1e9 })
  const committer = createCommitter({
    log: { ...memory, append: () => new Promise((resolve) => answers.push(resolve)) },
    clock,
    limits: RELAY_LIMITS,
    onNews: () => {}
  })
  const push = (size: number) => {
    const request = { root: 'r' as never, shard: '0' as ShardId, entries: [], epoch: 0 }
    committer.add({ from: clock, request, size, done: () => {} })
  }
  const appended: Result<Appended, StoreFailure> = ok({ seqs: [], hash: new Uint8Array(), fresh: [] })
  expect(committer.waiting()).toEqual({ bytes: 0, oldestAt: 0 })
  push(10)
  clock.pass(5)
  push(20)
  expect(committer.waiting()).toEqual({ bytes: 30, oldestAt: 1_000 })
  await turn()
  clock.pass(5)
  push(7)
  expect(committer.waiting()).toEqual({ bytes: 37, oldestAt: 1_000 })
  answers[0]?.([appended, appended])
  await turn()
  expect(committer.waiting()).toEqual({ bytes: 7, oldestAt: 1_010 })
  await turn()
  answers[1]?.([appended])
  await committer.idle()
  expect(committer.waiting()).toEqual({ bytes: 0, oldestAt: 0 })
})

test('who pushes alone does not wait for company; two who push in turn wait for each other, until one has gone', async () => {
  const clock = createStandingClock(1_000)
  const waits: number[] = []
  const memory = createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: clock.now, rootBytes: 1e9 })
  const committer = createCommitter({
    log: memory,
    clock: {
      now: clock.now,
      after(ms, run) {
        waits.push(ms)
        return clock.after(0, run)
      }
    },
    limits: { ...RELAY_LIMITS, commitWindowMs: 9 },
    onNews: () => {}
  })
  const push = async (from: object) => {
    const request = { root: 'r' as never, shard: '0' as ShardId, entries: [], epoch: 0 }
    committer.add({ from, request, size: 1, done: () => {} })
    await committer.idle()
  }
  const [one, other] = [{}, {}]
  await push(one)
  await push(one)
  expect(waits).toEqual([0, 0])
  await push(other)
  await push(one)
  expect(waits).toEqual([0, 0, 9, 9])
  clock.pass(1_001)
  await push(one)
  expect(waits).toEqual([0, 0, 9, 9, 0])
})
