import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import { openLedger } from './ledger.ts'
import { openDatabase } from './open-database.ts'
import { createStore } from './store.ts'
import { createRoomCalls } from './update-requests.ts'
import type { Reply, Request, StoreCalls, StoreVerb, WorkerOptions } from './worker-messages.ts'

/** The store's own thread: a commit waits for the disk here, and no socket waits with it. */

const options = workerData as WorkerOptions
const port = parentPort
if (port === null) throw new Error('runs as a worker')
const reply = (message: Reply): void => port.postMessage(message, buffersOf(message))

/** Bytes of many rows, or of a base, are handed over, not copied. */
const buffersOf = (message: Reply): ArrayBuffer[] => {
  if (message.kind !== 'answer') return []
  const answer = message.value as { readonly value?: unknown } | undefined
  const given = answer?.value as { readonly bytes?: unknown } | Uint8Array | undefined
  const bytes = given instanceof Uint8Array ? given : given?.bytes
  return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []
}

const start = () => {
  const opened = openDatabase(options)
  const { db } = opened
  const pageSize = Number(db.pragma('page_size', { simple: true }))
  const limit = (bytes: number | undefined): void => {
    // SQLite's own default, the largest there is.
    const pages = bytes === undefined ? 4_294_967_294 : Math.max(1, Math.floor(bytes / pageSize))
    db.pragma(`max_page_count = ${pages}`)
  }
  const { ledger, lines } = openLedger(options.ledgerPath)
  const store = createStore({ db, ledger, ledgerLines: lines, rootBytes: options.rootBytes })
  limit(options.maxBytes)
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  const collect = (kind: 'major' | 'minor'): void => {
    if (typeof gc === 'function') gc(kind === 'major' ? { type: 'major', flavor: 'last-resort' } : { type: 'minor' })
  }
  const rooms = createRoomCalls(db, options.roomBytes, () => collect('minor'))
  const calls: StoreCalls = { ...store, ...rooms.calls }
  return {
    calls,
    limit,
    rest(): void {
      db.pragma('shrink_memory')
      collect('major')
    },
    close(): void {
      rooms.stop()
      ledger.close()
      opened.close()
    }
  }
}

const call = (calls: StoreCalls, verb: StoreVerb, given: readonly unknown[]): unknown =>
  (calls[verb] as (...given: readonly unknown[]) => unknown)(...given)

const serve = (running: ReturnType<typeof start>): void => {
  const fail = (id: number, cause: unknown): void =>
    reply({ kind: 'failed', id, reason: cause instanceof Error ? cause.message : String(cause) })

  port.on('message', ({ id, verb, given }: Request) => {
    const answer = (value: unknown): void => reply({ kind: 'answer', id, value })
    try {
      if (verb === 'close') running.close()
      const value =
        verb === 'close'
          ? undefined
          : verb === 'limit'
            ? running.limit(given[0] as number | undefined)
            : verb === 'rest'
              ? running.rest()
              : call(running.calls, verb, given)
      if (value instanceof Promise) value.then(answer, (cause: unknown) => fail(id, cause))
      else answer(value)
      if (verb === 'close') port.close()
    } catch (cause) {
      fail(id, cause)
    }
  })
}

try {
  serve(start())
  reply({ kind: 'open' })
} catch (cause) {
  reply({ kind: 'refused', refusal: cause instanceof Error ? cause.message : String(cause) })
  port.close()
}
