import { Worker } from 'node:worker_threads'
import { err, ok, type Result } from '#core/result.ts'
import type { Appended, EntryLog, EntryLogAdmin, NewEntries, StoreFailure } from '#server/rooms/ports.ts'
import type { AppendedSeqs, SqliteStore } from './store.ts'
import type { Reply, Request, StoreVerb, Verb, WorkerOptions } from './worker-messages.ts'

export interface SqliteLogOptions {
  readonly path: string
  /** Erasures, kept apart so that replacing the database does not lose them. */
  readonly ledgerPath: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Live bytes a root may hold; its graveyard may hold as many again. */
  readonly rootBytes: number
  /** Largest size of the database file. */
  readonly maxBytes?: number
  /** FULL unless a test wants to see what OFF loses. */
  readonly synchronous?: 'FULL' | 'OFF'
}

export interface SqliteLog extends EntryLog, EntryLogAdmin {
  /** Changes the largest size of the database file; undefined = as large as the disk. */
  limitBytes(bytes: number | undefined): Promise<void>
}

interface Waiter {
  resolve(value: unknown): void
  reject(cause: Error): void
}

const startWorker = (options: SqliteLogOptions): Worker => {
  const workerData: WorkerOptions = {
    path: options.path,
    ledgerPath: options.ledgerPath,
    rootBytes: options.rootBytes,
    maxBytes: options.maxBytes,
    synchronous: options.synchronous ?? 'FULL'
  }
  // Test runners load modules in their own way; the worker is plain Node.
  return new Worker(new URL('./worker.ts', import.meta.url), { workerData, execArgv: [] })
}

const withBytes = (request: NewEntries | undefined, { seqs, hash, fresh }: AppendedSeqs): Appended => ({
  seqs,
  hash,
  fresh: fresh.map(({ index, ...entry }) => ({ ...entry, bytes: request?.entries[index] ?? new Uint8Array() }))
})

const asStoreFailure = (cause: unknown): { readonly ok: false; readonly error: StoreFailure } =>
  err({ kind: 'store', reason: cause instanceof Error ? cause.message : String(cause) })

/** @returns the refusal as one line for the host where the store cannot be opened. */
export const openSqliteLog = async (options: SqliteLogOptions): Promise<Result<SqliteLog, string>> => {
  const worker = startWorker(options)
  const waiters = new Map<number, Waiter>()
  let nextId = 1
  let ended: Error | undefined
  let opened: (refusal: string | undefined) => void = () => {}
  const opening = new Promise<string | undefined>((resolve) => {
    opened = resolve
  })

  const onEnd = (cause: Error): void => {
    ended ??= cause
    opened(cause.message)
    for (const { reject } of waiters.values()) reject(cause)
    waiters.clear()
  }
  worker.on('message', (message: Reply) => {
    if (message.kind === 'open') return opened(undefined)
    if (message.kind === 'refused') return opened(message.refusal)
    const waiter = waiters.get(message.id)
    waiters.delete(message.id)
    if (message.kind === 'answer') waiter?.resolve(message.value)
    else waiter?.reject(new Error(message.reason))
  })
  worker.on('error', (cause) => onEnd(cause instanceof Error ? cause : new Error(String(cause))))
  worker.on('exit', () => onEnd(new Error('the store has stopped')))

  const ask = (verb: Verb, given: readonly unknown[]): Promise<unknown> => {
    if (ended !== undefined) return Promise.reject(ended)
    const request: Request = { id: nextId++, verb, given }
    return new Promise((resolve, reject) => {
      waiters.set(request.id, { resolve, reject })
      worker.postMessage(request)
    })
  }

  const call = async <V extends StoreVerb>(
    verb: V,
    ...given: Parameters<SqliteStore[V]>
  ): Promise<ReturnType<SqliteStore[V]>> => (await ask(verb, given)) as ReturnType<SqliteStore[V]>

  /** A thread that died answers like a disk that failed: nothing was accepted. */
  const guard = async <Value>(answer: Promise<Result<Value, StoreFailure>>): Promise<Result<Value, StoreFailure>> => {
    try {
      return await answer
    } catch (cause) {
      return asStoreFailure(cause)
    }
  }

  const append = async (batch: readonly NewEntries[]): Promise<readonly Result<Appended, StoreFailure>[]> => {
    try {
      const results = await call('append', batch)
      return results.map((result, index) => (result.ok ? ok(withBytes(batch[index], result.value)) : result))
    } catch (cause) {
      return batch.map(() => asStoreFailure(cause))
    }
  }

  const refusal = await opening
  if (refusal !== undefined) {
    await worker.terminate()
    return err(refusal)
  }
  return ok({
    root: (root) => guard(call('root', root)),
    adopt: (root, epoch, certificate) => guard(call('adopt', root, epoch, certificate)),
    append,
    readAfter: ({ root, shard }, after, hashAfter, limit) =>
      guard(call('readAfter', { root, shard }, after, hashAfter, limit)),
    readSnapshot: ({ root, shard }, to, index) => guard(call('readSnapshot', { root, shard }, to, index)),
    head: ({ root, shard }) => guard(call('head', { root, shard })),
    snapshot: ({ root, shard }, epoch, snapshot) =>
      guard(call('snapshot', { root, shard }, epoch, snapshot, options.now())),
    erase: (proof, erasedAt) => guard(call('erase', proof, erasedAt)),
    async purge(before) {
      for (let total = 0; ; ) {
        const { purged, isDone } = await call('purge', before)
        total += purged
        if (isDone) return total
      }
    },
    usage: (limit) => call('usage', limit),
    async limitBytes(bytes) {
      await ask('limit', [bytes])
    },
    async close() {
      if (ended === undefined) await ask('close', [])
      await worker.terminate()
    }
  })
}
