import { err, type Result } from '#core/result.ts'
import type { Appended, EntryLog, NewEntries, StoreFailure } from './ports.ts'
import type { Clock, QueueReading, RelayLimits, RelayNews } from './relay-ports.ts'

interface Waiting {
  /** Whoever pushed it, by identity. */
  readonly from: object
  readonly request: NewEntries
  readonly size: number
  readonly done: (result: Result<Appended, StoreFailure>) => void
}

export interface Committer {
  /** @returns false where the queue is full: nothing was taken. `done` is called once, in the order of adding. */
  add(waiting: Waiting): boolean
  isCrowded(): boolean
  /** What was taken and is not durable yet. */
  waiting(): QueueReading
  /** Resolves when nothing is queued or under way. */
  idle(): Promise<void>
}

export interface CommitterOptions {
  readonly log: EntryLog
  readonly clock: Clock
  readonly limits: RelayLimits
  readonly onNews: (news: RelayNews) => void
  /** Everybody of a commit was answered. */
  readonly onAnswered?: () => void
}

/** So long after two have pushed in turn each may expect the other again. */
const COMPANY_MS = 1_000

/**
 * Group commit: while one transaction is on its way to the disk the next gathers, so the disk's own speed sets the size
 * of the group. The first of a group waits `commitWindowMs` at most, and not at all while only one pushes: nobody would come.
 * Nor is anybody waited for once all who were answered last have pushed again: they push as fast as they are answered.
 */
export const createCommitter = ({ log, clock, limits, onNews, onAnswered }: CommitterOptions): Committer => {
  let queue: Waiting[] = []
  let queuedBytes = 0
  /** When the oldest of the queue came, and of what is on its way to the disk; 0 = none. */
  let queuedAt = 0
  let underWayAt = 0
  let cancel: (() => void) | undefined
  let underWay = false
  /** Who was answered last and has not pushed since, and how many they are; nobody where that was one alone. */
  let awaited = new WeakSet<object>()
  let awaitedCount = 0
  let waitingForIdle: (() => void)[] = []
  let last: object | undefined
  let companyUntil = 0

  const windowFor = (from: object): number => {
    const now = clock.now()
    if (last !== undefined && last !== from) companyUntil = now + COMPANY_MS
    last = from
    return now < companyUntil ? limits.commitWindowMs : 0
  }

  const takeBatch = (): Waiting[] => {
    let bytes = 0
    let count = 0
    for (const { size } of queue) {
      bytes += size
      if (count > 0 && bytes > limits.batchBytes) break
      count++
    }
    const batch = queue.slice(0, count)
    queue = queue.slice(count)
    return batch
  }

  const commit = async (batch: readonly Waiting[]): Promise<readonly Result<Appended, StoreFailure>[]> => {
    try {
      return await log.append(batch.map(({ request }) => request))
    } catch (cause) {
      return batch.map(() => err({ kind: 'store', reason: String(cause) }))
    }
  }

  const flush = async (): Promise<void> => {
    cancel = undefined
    underWay = true
    awaitedCount = 0
    underWayAt = queuedAt
    const batch = takeBatch()
    // What did not fit keeps the older time: rather too old than a clock read and a number for each push.
    if (queue.length === 0) queuedAt = 0
    const bytes = batch.reduce((sum, { size }) => sum + size, 0)
    const began = clock.now()
    const results = await commit(batch)
    queuedBytes -= bytes
    onNews({ kind: 'committed', pushes: batch.length, bytes, ms: clock.now() - began })
    for (const [index, { done }] of batch.entries()) {
      done(results[index] ?? err({ kind: 'store', reason: 'the store gave no answer' }))
    }
    onAnswered?.()
    underWay = false
    underWayAt = 0
    awaitAgain(batch)
    // What came meanwhile has waited for company that long.
    if (queue.length > 0) schedule(Math.max(0, limits.commitWindowMs - (clock.now() - queuedAt)))
    else {
      for (const resolve of waitingForIdle) resolve()
      waitingForIdle = []
    }
  }

  const awaitAgain = (batch: readonly Waiting[]): void => {
    awaited = new WeakSet()
    awaitedCount = 0
    const isOne = batch.every(({ from }) => from === batch[0]?.from)
    for (const { from } of isOne ? [] : batch) {
      if (awaited.has(from)) continue
      awaited.add(from)
      awaitedCount++
    }
    for (const { from } of queue) cameBack(from)
  }

  /** @returns whether they are all back now. */
  const cameBack = (from: object): boolean => {
    if (awaitedCount === 0 || !awaited.delete(from)) return false
    awaitedCount--
    return awaitedCount === 0
  }

  const schedule = (ms: number): void => {
    if (cancel === undefined && !underWay) cancel = clock.after(ms, () => void flush())
  }

  /** When the work at hand is done, so that what came in the same turn comes along. */
  const hurry = (): void => {
    if (cancel === undefined) return
    cancel()
    cancel = clock.after(0, () => void flush())
  }

  const isCrowded = (): boolean => queuedBytes >= limits.queueBytes

  return {
    add(waiting) {
      if (isCrowded()) return false
      if (queue.length === 0) queuedAt = clock.now()
      queue.push(waiting)
      queuedBytes += waiting.size
      schedule(windowFor(waiting.from))
      if (cameBack(waiting.from)) hurry()
      return true
    },
    isCrowded,
    waiting: () => ({ bytes: queuedBytes, oldestAt: underWayAt === 0 ? queuedAt : underWayAt }),
    idle: () =>
      queue.length === 0 && !underWay ? Promise.resolve() : new Promise((resolve) => waitingForIdle.push(resolve))
  }
}
