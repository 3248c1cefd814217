import { err, ok, type Result } from '#core/result.ts'
import type { UpdateLog } from '#server/rooms/open-ports.ts'
import type { Appended, EntryLog, EntryLogAdmin, NewEntries, StoreFailure } from '#server/rooms/ports.ts'
import { packPushes, unpackAnswer } from './entry-batch.ts'
import { createSqliteUpdateLog } from './sqlite-update-log.ts'
import { startStoreThread } from './store-thread.ts'
import type { StoreCalls, StoreVerb } from './worker-messages.ts'

export interface SqliteLogOptions {
  readonly path: string
  /** Erasures, kept apart so that replacing the database does not lose them. */
  readonly ledgerPath: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Live bytes a root may hold; its graveyard may hold as many again. */
  readonly rootBytes: number
  /** Bytes an open room may hold, base and rows together. */
  readonly roomBytes?: number
  /** Largest size of the database file. */
  readonly maxBytes?: number
  /** FULL unless a test wants to see what OFF loses. */
  readonly synchronous?: 'FULL' | 'OFF'
}

export interface SqliteLog extends EntryLog, EntryLogAdmin {
  /** Open rooms, in the same database and thread. */
  readonly updates: UpdateLog
  /** Resolves, with the reason, when the store's thread has ended without being asked to: nothing can be kept any more. */
  readonly failed: Promise<string>
  /** Resolves when nothing that an open room's new base replaced is in any of the files. */
  swept(): Promise<void>
  /** Changes the largest size of the database file; undefined = as large as the disk. */
  limitBytes(bytes: number | undefined): Promise<void>
  /** Many have left: gives back the memory that served them. */
  rest(): Promise<void>
}

/** What the y-websocket documents in use need at the most, with room for a compaction's two copies. */
const ROOM_BYTES = 64_000_000

const asStoreFailure = (cause: unknown): { readonly ok: false; readonly error: StoreFailure } =>
  err({ kind: 'store', reason: cause instanceof Error ? cause.message : String(cause) })

/** @returns the refusal as one line for the host where the store cannot be opened. */
export const openSqliteLog = async (options: SqliteLogOptions): Promise<Result<SqliteLog, string>> => {
  const started = await startStoreThread({
    path: options.path,
    ledgerPath: options.ledgerPath,
    rootBytes: options.rootBytes,
    roomBytes: options.roomBytes ?? ROOM_BYTES,
    maxBytes: options.maxBytes,
    synchronous: options.synchronous ?? 'FULL'
  })
  if (!started.ok) return started
  const thread = started.value
  const call = <V extends StoreVerb>(verb: V, ...given: Parameters<StoreCalls[V]>) => thread.call(verb, given)

  /** A thread that died answers like a disk that failed: nothing was accepted. */
  const guard = async <Value>(answer: Promise<Result<Value, StoreFailure>>): Promise<Result<Value, StoreFailure>> => {
    try {
      return await answer
    } catch (cause) {
      return asStoreFailure(cause)
    }
  }

  const append = async (batch: readonly NewEntries[]): Promise<readonly Result<Appended, StoreFailure>[]> => {
    const packed = packPushes(batch)
    try {
      const answer = await thread.call('append', [packed], [packed.buffer])
      return answer.ok ? unpackAnswer(batch, answer.value) : batch.map(() => answer)
    } catch (cause) {
      return batch.map(() => asStoreFailure(cause))
    }
  }

  return ok({
    root: (root) => guard(call('root', root)),
    adopt: (root, epoch, certificate) => guard(call('adopt', root, epoch, certificate)),
    append,
    readAfter: ({ root, shard }, after, hashAfter, limit) =>
      guard(call('readAfter', { root, shard }, after, hashAfter, limit)),
    readSnapshot: ({ root, shard }, to, index) => guard(call('readSnapshot', { root, shard }, to, index)),
    head: ({ root, shard }) => guard(call('head', { root, shard })),
    async heads(refs) {
      try {
        return await call(
          'heads',
          refs.map(({ root, shard }) => ({ root, shard }))
        )
      } catch (cause) {
        return refs.map(() => asStoreFailure(cause))
      }
    },
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
    updates: createSqliteUpdateLog(thread),
    failed: thread.failed,
    swept: () => call('sweepIdle'),
    limitBytes: thread.limitBytes,
    rest: thread.rest,
    close: thread.close
  })
}
