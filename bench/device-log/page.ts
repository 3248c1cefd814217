import { IndexeddbPersistence } from 'y-indexeddb'
import * as Y from 'yjs'
import { BUILT_IN_PATTERNS } from '#app/domain/breath/built-in.ts'
import type { PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import { createLog } from '#app/log/indexeddb.ts'
import { createLocalCompaction } from '#app/log/local-compaction.ts'
import { docBytes } from '#app/store/bytes.ts'
import { createRecordMap } from '#app/store/journal-record.ts'
import { journalPath } from '#app/store/paths.ts'
import { createStore } from '#app/store/store.ts'
import { civilDay, type Moment, yearOf } from '#core/time.ts'

/** What the bench asks of a page. Each function is one run; the harness interleaves them and takes medians. */

const DAY_MS = 86_400_000
const lines = [
  '',
  '',
  'Slow today, the rain helped.',
  'A long exhale and the shoulders came down.',
  'Distracted, and stayed.'
]

const practiceAt = (startedAt: Moment, n: number): PracticeRecord => {
  const pattern = BUILT_IN_PATTERNS[n % BUILT_IN_PATTERNS.length]
  if (pattern === undefined) throw new Error('no patterns')
  const day = civilDay(startedAt)
  return {
    kind: 'practice',
    id: crypto.randomUUID().replaceAll('-', '').slice(0, 22) as RecordId,
    startedAt,
    day,
    year: yearOf(day),
    practisedMs: 300_000 + (n % 7) * 60_000,
    cycles: 30,
    pattern: { id: pattern.id, name: pattern.name, breath: pattern.breath },
    plan: pattern.plan,
    ending: 'planned',
    before: 3,
    after: 4,
    line: lines[n % lines.length] ?? '',
    tags: n % 3 === 0 ? ['morning'] : []
  }
}

/** Three practices a day, the last of them yesterday. */
const practices = (days: number, now: number): PracticeRecord[] =>
  Array.from({ length: days * 3 }, (_, n) => {
    const utcMs = now - (days - Math.floor(n / 3)) * DAY_MS + (n % 3) * 5 * 3_600_000
    return practiceAt({ utcMs, zone: 'Europe/Berlin', offsetMinutes: 60 }, n)
  })

/** One update a practice, as the store writes them. */
const updatesOf = (count: number): Uint8Array[] => {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const record of practices(Math.ceil(count / 3), Date.UTC(2026, 10, 1)).slice(0, count))
    doc.transact(() => doc.getMap('entries').set(record.id, createRecordMap(record)))
  return updates
}

const path = journalPath(2026, 0)

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** @returns ms for `count` edits until each is kept. */
const appendLog = async (name: string, count: number): Promise<number> => {
  const updates = updatesOf(count)
  const log = createLog({ name })
  await log.open()
  const took = await timed(async () => {
    for (const update of updates) await log.appendLocal(path, update)
  })
  await log.close()
  return took
}

const settled = (database: IDBDatabase): Promise<unknown> =>
  new Promise((resolve) => {
    database.transaction('updates', 'readonly').objectStore('updates').count().onsuccess = resolve
  })

/** y-indexeddb tells nobody when an edit is kept; a read that waits its turn behind the write does. */
const appendPeer = async (name: string, count: number): Promise<number> => {
  const updates = updatesOf(count)
  const doc = new Y.Doc()
  const peer = new IndexeddbPersistence(name, doc)
  await peer.whenSynced
  const took = await timed(async () => {
    for (const update of updates) {
      Y.applyUpdate(doc, update)
      await settled(peer.db as IDBDatabase)
    }
  })
  // Its trimming to one row is begun a second after the last edit.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await peer.destroy()
  return took
}

const foldLog = async (name: string): Promise<void> => {
  const log = createLog({ name })
  const compaction = createLocalCompaction({ log, docBytes, whenIdle: () => () => {} })
  await compaction.compact(path)
  await log.close()
}

const loadLog = (name: string): Promise<number> =>
  timed(async () => {
    const log = createLog({ name })
    const loaded = await log.load(path)
    if (!loaded.ok) throw new Error(loaded.error.kind)
    const doc = new Y.Doc()
    doc.transact(() => {
      if (loaded.value.base !== undefined) Y.applyUpdate(doc, loaded.value.base)
      for (const row of loaded.value.rows) Y.applyUpdate(doc, row.update)
    })
    if (doc.getMap('entries').size === 0) throw new Error('nothing was loaded')
    await log.close()
  })

const loadPeer = (name: string): Promise<number> =>
  timed(async () => {
    const doc = new Y.Doc()
    const peer = new IndexeddbPersistence(name, doc)
    await peer.whenSynced
    if (doc.getMap('entries').size === 0) throw new Error('nothing was loaded')
    await peer.destroy()
  })

/** Fills this profile's journal as the app would have, and folds it as the app does when idle. */
const keepYears = async (years: number): Promise<number> => {
  const log = createLog({ name: 'council-self' })
  let drawn = 0
  const store = createStore({
    log,
    shelf: log,
    randomId: () => `bench-${drawn++}-${crypto.randomUUID()}`,
    currentYear: new Date().getUTCFullYear(),
    retryLater: () => {}
  })
  const records = practices(Math.round(years * 365.25), Date.now())
  // The store joins edits made while a write is under way: fifty at a time leave rows as real days would, only fewer.
  for (let at = 0; at < records.length; at += 50)
    await Promise.all(records.slice(at, at + 50).map((record) => store.dispatch({ kind: 'keep-practice', record })))
  const compaction = createLocalCompaction({ log, docBytes, whenIdle: () => () => {} })
  const documents = await log.documents()
  for (const doc of documents.ok ? documents.value : []) await compaction.compact(doc)
  await log.close()
  localStorage.setItem('council-self-kept', '1')
  return records.length
}

const bench = { appendLog, appendPeer, foldLog, loadLog, loadPeer, keepYears }
export type Bench = typeof bench
Object.assign(globalThis, { bench })
