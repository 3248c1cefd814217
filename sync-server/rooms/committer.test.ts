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

test('a window ends when all who were answered last have pushed again, and not before', async () => {
  const clock = createStandingClock(1_000)
  const memory = createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: clock.now, rootBytes: 1e9 })
  const commits: number[] = []
  const timers: { readonly ms: number; readonly run: () => void; isCancelled: boolean }[] = []
  const committer = createCommitter({
    log: memory,
    clock: {
      now: clock.now,
      after(ms, run) {
        const timer = { ms, run, isCancelled: false }
        timers.push(timer)
        return () => {
          timer.isCancelled = true
        }
      }
    },
    limits: { ...RELAY_LIMITS, commitWindowMs: 9 },
    onNews: (news) => {
      if (news.kind === 'committed') commits.push(news.pushes)
    }
  })
  const push = (from: object): void => {
    const request = { root: 'r' as never, shard: '0' as ShardId, entries: [], epoch: 0 }
    committer.add({ from, request, size: 1, done: () => {} })
  }
  const due = (): readonly number[] => timers.flatMap(({ ms, isCancelled }) => (isCancelled ? [] : [ms]))
  const pass = async (): Promise<void> => {
    for (const { run, isCancelled } of timers.splice(0)) if (!isCancelled) run()
    await committer.idle()
  }
  const [one, two, three, four] = [{}, {}, {}, {}]
  for (const from of [one, two, three]) push(from)
  await pass()
  // A new one does not stand for those who were answered.
  for (const from of [four, one, two, two]) push(from)
  expect(due()).toEqual([9])
  push(three)
  expect(due()).toEqual([0])
  await pass()
  push(one)
  await pass()
  // Answered alone: whoever comes next waits for company as before.
  push(one)
  expect(due()).toEqual([9])
  await pass()
  expect(commits).toEqual([3, 5, 1, 1])
})
