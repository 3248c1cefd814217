import type { Merger } from '#server/rooms/open-ports.ts'
import type { MergeCalls, MergeVerb } from './merge-calls.ts'
import { createMergeThread, type MergeThreadOptions } from './merge-thread.ts'

export interface WorkerMergerOptions {
  /** Bytes that wait for a thread, all requests together; what comes past it is rejected at once. A single request may be larger. */
  readonly queueBytes?: number
  readonly queued?: number
  /** After which a request is given up and its thread ended: a document made to be slow must not stop all others. */
  readonly deadlineMs?: number
  readonly idleMs?: number
  readonly heapMegabytes?: number
  readonly script?: URL
}

/** Twice what lies between two rewritings of a room that goes on being written to (OpenLimits.rebuildPauseMs): a start costs seven times what one takes. */
const IDLE_MS = 30_000

interface Job {
  readonly verb: MergeVerb
  readonly given: readonly unknown[]
  readonly bytes: number
  resolve(value: unknown): void
  reject(cause: Error): void
}

/** Handing a buffer over would take it from who asks; these are kept elsewhere (rows in memory, a base being sent). */
const copyOf = (value: unknown, transfer: ArrayBuffer[]): unknown => {
  if (value instanceof Uint8Array) {
    const copy = new Uint8Array(value)
    transfer.push(copy.buffer)
    return copy
  }
  if (Array.isArray(value)) return value.map((each) => copyOf(each, transfer))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each, transfer)]))
  }
  return value
}

const sizeOf = (value: unknown): number => {
  if (value instanceof Uint8Array) return value.byteLength
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + sizeOf(each), 0)
  return typeof value === 'object' && value !== null ? sizeOf(Object.values(value)) : 0
}

/**
 * Two threads: one for whatever comes, one that is never given a rewriting of a base, because those who wait for an answer
 * must not wait for that. For the same reason the first has a lower priority where threads have one.
 */
export const createWorkerMerger = (options: WorkerMergerOptions = {}): Merger => {
  const { queueBytes = 512_000_000, queued = 1_000 } = options
  const threadOptions: Omit<MergeThreadOptions, 'isBackground'> = {
    deadlineMs: options.deadlineMs ?? 120_000,
    idleMs: options.idleMs ?? IDLE_MS,
    heapMegabytes: options.heapMegabytes ?? 2_048,
    script: options.script ?? new URL('./merge-worker.ts', import.meta.url)
  }
  const quick = createMergeThread({ ...threadOptions, isBackground: false })
  const any = createMergeThread({ ...threadOptions, isBackground: true })
  let jobs: Job[] = []
  let waitingBytes = 0
  let isClosed = false

  const takeFor = (mayRebuild: boolean): Job | undefined => {
    const at = jobs.findIndex(({ verb }) => mayRebuild || verb !== 'rebuild')
    const [job] = at === -1 ? [] : jobs.splice(at, 1)
    return job
  }

  const begin = (thread: typeof quick, job: Job): void => {
    waitingBytes -= job.bytes
    const transfer: ArrayBuffer[] = []
    const given = job.given.map((each) => copyOf(each, transfer))
    thread.run({ verb: job.verb, given }, transfer).then(job.resolve, job.reject).finally(next)
  }

  const next = (): void => {
    for (const thread of [quick, any]) {
      const job = thread.isBusy() || isClosed ? undefined : takeFor(thread === any)
      if (job !== undefined) begin(thread, job)
    }
  }

  const ask = <Verb extends MergeVerb>(
    verb: Verb,
    ...given: Parameters<MergeCalls[Verb]>
  ): Promise<ReturnType<MergeCalls[Verb]>> =>
    new Promise((resolve, reject) => {
      const bytes = sizeOf(given)
      if (isClosed) return reject(new Error('the merger is closed'))
      if (jobs.length >= queued || (jobs.length > 0 && waitingBytes + bytes > queueBytes)) {
        return reject(new Error('too much waits to be merged'))
      }
      waitingBytes += bytes
      jobs.push({ verb, given, bytes, resolve: resolve as (value: unknown) => void, reject })
      next()
    })

  return {
    inspect: (update) => ask('inspect', update),
    merge: (updates) => ask('merge', updates),
    diff: (update, stateVector) => ask('diff', update, stateVector),
    rebuild: (base, rows) => ask('rebuild', base, rows),
    async close() {
      isClosed = true
      for (const { reject } of jobs) reject(new Error('the merger is closed'))
      jobs = []
      await Promise.all([quick.close(), any.close()])
    }
  }
}
