import * as Y from 'yjs'
import { err, ok, type Result } from '#core/result.ts'
import { docBytes } from './bytes.ts'
import type { DocLog, DocPath, LoadedDoc, LogFailure, RowId } from './ports.ts'
import { isNewer, markSchema, migrate } from './schema.ts'

/** Origins of transactions. Only LOCAL ones go to the log. */
export const LOCAL = Symbol('local')
export const REMOTE = Symbol('remote')

export type OpenDoc = {
  readonly path: DocPath
  readonly doc: Y.Doc
  readonly readOnly: () => boolean
  /** One transaction, in memory at once; resolves when all edits so far are durable, or with why they are not. */
  readonly change: (run: (doc: Y.Doc) => void) => Promise<Result<void, LogFailure>>
  /** Rows of other tabs and of sync. */
  readonly catchUp: () => Promise<Result<void, LogFailure>>
  /** Writes what could not be written before. */
  readonly flush: () => Promise<Result<void, LogFailure>>
  /** Edits in memory that are not durable. */
  readonly unsaved: () => number
}

const applyLoaded = (doc: Y.Doc, { base, rows }: LoadedDoc, skip: ReadonlySet<RowId>): Result<void, LogFailure> => {
  try {
    doc.transact(() => {
      if (base !== undefined) Y.applyUpdate(doc, base, REMOTE)
      for (const { id, update } of rows) if (!skip.has(id)) Y.applyUpdate(doc, update, REMOTE)
    }, REMOTE)
    return ok(undefined)
  } catch (cause) {
    return err({ kind: 'io', reason: `a row could not be read: ${String(cause)}` })
  }
}

/** A log promises values; a browser that breaks the promise is one more failed write and not a lost edit. */
const rejected = (cause: unknown): Result<never, LogFailure> => err({ kind: 'io', reason: String(cause) })

/** One queue a document: edits made while a write is under way go together into the next row. */
const createWriter = (path: DocPath, log: DocLog) => {
  const queue: Uint8Array[] = []
  const ownRows = new Set<RowId>()
  let running: Promise<Result<void, LogFailure>> | null = null

  const write = async (): Promise<Result<void, LogFailure>> => {
    while (queue.length > 0) {
      const batch = [...queue]
      const written = await log.appendLocal(path, docBytes.merge(batch)).catch(rejected)
      if (!written.ok) return written
      queue.splice(0, batch.length)
      ownRows.add(written.value)
    }
    return ok(undefined)
  }

  const flush = (): Promise<Result<void, LogFailure>> => {
    running ??= write().finally(() => {
      running = null
    })
    return running
  }

  return { push: (update: Uint8Array) => queue.push(update), flush, unsaved: () => queue.length, ownRows }
}

/** Reads a document from the log. A failed read is an error and never an empty document. */
export const openDoc = async (
  path: DocPath,
  log: DocLog,
  breather: (path: DocPath) => Promise<void> = async () => undefined
): Promise<Result<OpenDoc, LogFailure>> => {
  const loaded = await log.load(path)
  if (!loaded.ok) return loaded
  await breather(path)
  const doc = new Y.Doc({ gc: true })
  const applied = applyLoaded(doc, loaded.value, new Set())
  if (!applied.ok) return applied

  let upTo = loaded.value.upTo
  const writer = createWriter(path, log)
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== LOCAL) return
    writer.push(update)
    // A change made inside an observer is told only after `change` has returned: so it is written from here.
    void writer.flush()
  })

  const change = (run: (doc: Y.Doc) => void): Promise<Result<void, LogFailure>> => {
    doc.transact(() => {
      run(doc)
      markSchema(doc)
    }, LOCAL)
    return writer.flush()
  }

  const readOn = async (): Promise<Result<void, LogFailure>> => {
    const news = await log.readAfter(path, upTo).catch(rejected)
    if (!news.ok) return news
    const done = applyLoaded(doc, news.value, writer.ownRows)
    if (!done.ok) return done
    for (const { id } of news.value.rows) writer.ownRows.delete(id)
    if (news.value.upTo > upTo) upTo = news.value.upTo
    return done
  }

  /** One at a time; calls that come while one waits for its turn share it. */
  let reading: Promise<unknown> = Promise.resolve()
  let next: Promise<Result<void, LogFailure>> | null = null
  const catchUp = (): Promise<Result<void, LogFailure>> => {
    next ??= reading.then(() => {
      next = null
      const now = readOn()
      reading = now
      return now
    })
    return next
  }

  if (!isNewer(doc)) {
    doc.transact(() => migrate(doc), LOCAL)
  }
  return ok({ path, doc, readOnly: () => isNewer(doc), change, catchUp, flush: writer.flush, unsaved: writer.unsaved })
}
