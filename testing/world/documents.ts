import * as Y from 'yjs'
import type { DocLog, DocPath, RowId } from '#app/store/ports.ts'
import type { Random } from '#testing/random.ts'

/** What one tab has in memory: Y.Docs over the device's log, written to and read back the way the store does it. */

export interface Documents {
  /** Loads what the log holds; until then the tab shows nothing. */
  open(path: DocPath): Promise<void>
  write(path: DocPath, text: string): void
  edit(path: DocPath, text: string): void
  remove(path: DocPath): void
  /** Everything shown is on the disk. */
  isKept(): boolean
  /** Rows that other tabs or sync wrote. */
  catchUp(path: DocPath): Promise<void>
  readonly doc: (path: DocPath) => Y.Doc
  /** The tab is gone: nothing reaches the log any more. */
  close(): void
}

interface Page {
  readonly doc: Y.Doc
  /** Shown and not on the disk yet, in order: a later one means nothing without the ones before. */
  readonly unwritten: Uint8Array[]
  writing: boolean
  upTo: RowId
  opened: boolean
}

const TRY_AGAIN_MS = 2_000

const FROM_LOG = Symbol('from the log')
export const RECORDS = 'records'

type Records = Y.Map<Y.Map<string>>
export const recordsOf = (doc: Y.Doc): Records => doc.getMap(RECORDS) as Records

export const createDocuments = (options: {
  readonly log: DocLog
  readonly random: Random
  readonly setTimer: (ms: number, fire: () => void) => () => void
  /** The row is durable on the device. */
  readonly kept: (path: DocPath, update: Uint8Array) => void
}): Documents => {
  const { log, random } = options
  const pages = new Map<DocPath, Page>()
  let closed = false

  const put = async (path: DocPath, page: Page): Promise<void> => {
    if (page.writing) return
    page.writing = true
    for (let update = page.unwritten[0]; update && !closed; update = page.unwritten[0]) {
      const appended = await log.appendLocal(path, update)
      if (!appended.ok) break
      options.kept(path, update)
      page.unwritten.shift()
    }
    page.writing = false
    if (page.unwritten.length > 0 && !closed) options.setTimer(TRY_AGAIN_MS, () => void put(path, page))
  }

  const pageOf = (path: DocPath): Page => {
    const known = pages.get(path)
    if (known) return known
    const doc = new Y.Doc()
    doc.clientID = random.below(2 ** 32)
    const page: Page = { doc, unwritten: [], writing: false, upTo: 0 as RowId, opened: false }
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === FROM_LOG || closed) return
      page.unwritten.push(update)
      void put(path, page)
    })
    pages.set(path, page)
    return page
  }

  const catchUp = async (path: DocPath): Promise<void> => {
    const page = pageOf(path)
    const loaded = await log.readAfter(path, page.upTo)
    if (!loaded.ok || closed) return
    if (loaded.value.base) Y.applyUpdate(page.doc, loaded.value.base, FROM_LOG)
    for (const row of loaded.value.rows) Y.applyUpdate(page.doc, row.update, FROM_LOG)
    page.upTo = Math.max(page.upTo, loaded.value.upTo) as RowId
    page.opened = true
  }

  const pickRecord = (doc: Y.Doc): readonly [string, Y.Map<string>] | undefined => {
    const ids = [...recordsOf(doc).keys()].sort()
    if (ids.length === 0) return undefined
    const id = random.pick(ids)
    const record = recordsOf(doc).get(id)
    return record === undefined ? undefined : [id, record]
  }

  return {
    open: catchUp,
    isKept: () => [...pages.values()].every(({ unwritten }) => unwritten.length === 0),
    catchUp: async (path) => {
      if (pages.get(path)?.opened) await catchUp(path)
    },
    doc: (path) => pageOf(path).doc,
    write: (path, text) => {
      const { doc } = pageOf(path)
      doc.transact(() => {
        const record = new Y.Map<string>()
        record.set('note', text)
        recordsOf(doc).set(random.below(2 ** 40).toString(36), record)
      })
    },
    edit: (path, text) => {
      pickRecord(pageOf(path).doc)?.[1].set('note', text)
    },
    remove: (path) => {
      const { doc } = pageOf(path)
      const picked = pickRecord(doc)
      if (picked) recordsOf(doc).delete(picked[0])
    },
    close: () => {
      closed = true
      for (const { doc } of pages.values()) doc.destroy()
    }
  }
}
