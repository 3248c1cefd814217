import { parentPort, workerData } from 'node:worker_threads'
import { openLedger } from './ledger.ts'
import { openDatabase } from './open-database.ts'
import { createStore, type SqliteStore } from './store.ts'
import type { Reply, Request, WorkerOptions } from './worker-messages.ts'

/** The store's own thread: a commit waits for the disk here, and no socket waits with it. */

const options = workerData as WorkerOptions
const port = parentPort
if (port === null) throw new Error('runs as a worker')
const reply = (message: Reply): void => port.postMessage(message)

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
  return {
    store,
    limit,
    close(): void {
      ledger.close()
      opened.close()
    }
  }
}

const call = (store: SqliteStore, verb: keyof SqliteStore, given: readonly unknown[]): unknown =>
  (store[verb] as (...given: readonly unknown[]) => unknown)(...given)

const serve = (running: ReturnType<typeof start>): void => {
  port.on('message', ({ id, verb, given }: Request) => {
    try {
      if (verb === 'close') running.close()
      else if (verb === 'limit') running.limit(given[0] as number | undefined)
      else {
        reply({ kind: 'answer', id, value: call(running.store, verb, given) })
        return
      }
      reply({ kind: 'answer', id, value: undefined })
      if (verb === 'close') port.close()
    } catch (cause) {
      reply({ kind: 'failed', id, reason: cause instanceof Error ? cause.message : String(cause) })
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
