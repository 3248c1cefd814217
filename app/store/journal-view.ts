import type * as Y from 'yjs'
import { journalDay, journalYear } from '#app/domain/journal/days.ts'
import type { JournalDay, JournalEntry, JournalYear } from '#app/domain/journal/entry.ts'
import type { CivilDay } from '#core/time.ts'
import { editsSeen, recordMap, recordsOf } from './journal-doc.ts'
import { editCounts, readRecord } from './journal-record.ts'
import { LOCAL } from './open-doc.ts'
import { isNewer } from './schema.ts'

/** A journal document as domain values. After a change only the touched entries are read and only their days rebuilt. */
export type JournalView = { readonly year: () => JournalYear; readonly entry: (id: string) => JournalEntry | null }

type Seen = { readonly entry: JournalEntry; readonly ownEdits: number }

export type JournalViewOptions = {
  readonly doc: Y.Doc
  readonly year: number
  readonly device: string
  readonly onChange: () => void
  /** An entry with own edits that its deletion elsewhere had not seen. */
  readonly onLost: (entry: JournalEntry) => void
}

export const createJournalView = ({ doc, year, device, onChange, onLost }: JournalViewOptions): JournalView => {
  const seenById = new Map<string, Seen>()
  const idsByDay = new Map<CivilDay, Set<string>>()
  const days = new Map<CivilDay, JournalDay>()

  /** @returns the days that must be rebuilt. */
  const reread = (id: string): readonly CivilDay[] => {
    const before = seenById.get(id)
    const map = recordMap(doc, id)
    const entry = map === null ? null : readRecord(id, map)
    if (before !== undefined) idsByDay.get(before.entry.day)?.delete(id)
    seenById.delete(id)
    if (entry !== null && map !== null) {
      seenById.set(id, { entry, ownEdits: editCounts(map)[device] ?? 0 })
      const ids = idsByDay.get(entry.day)
      if (ids === undefined) idsByDay.set(entry.day, new Set([id]))
      else ids.add(id)
    }
    return [before?.entry.day, entry?.day].filter((day) => day !== undefined)
  }

  const rebuild = (day: CivilDay): void => {
    const ids = idsByDay.get(day)
    const entries = [...(ids ?? [])].flatMap((id) => seenById.get(id)?.entry ?? [])
    if (entries.length === 0) {
      days.delete(day)
      idsByDay.delete(day)
    } else days.set(day, journalDay(day, entries))
  }

  const refresh = (ids: Iterable<string>): void => {
    const touched = new Set<CivilDay>()
    for (const id of ids) for (const day of reread(id)) touched.add(day)
    for (const day of touched) rebuild(day)
    value = journalYear(year, [...days.values()], isNewer(doc))
  }

  let value = journalYear(year, [], isNewer(doc))
  refresh(recordsOf(doc).keys())

  let shownNewer = isNewer(doc)
  const dirty = new Set<string>()
  const note = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    for (const event of events) {
      const [id] = event.path
      if (typeof id === 'string') dirty.add(id)
      else for (const key of event.changes.keys.keys()) dirty.add(key)
    }
  }
  recordsOf(doc).observeDeep(note)
  doc.getMap('gone').observeDeep(note)
  doc.on('afterTransaction', ({ origin }: Y.Transaction) => {
    const newer = isNewer(doc)
    if (dirty.size === 0 && newer === shownNewer) return
    shownNewer = newer
    const ids = [...dirty]
    dirty.clear()
    const lost = origin === LOCAL ? [] : ids.flatMap((id) => lostEdit(id) ?? [])
    refresh(ids)
    onChange()
    for (const entry of lost) onLost(entry)
  })

  const lostEdit = (id: string): JournalEntry | null => {
    const before = seenById.get(id)
    if (before === undefined || recordMap(doc, id) !== null) return null
    return before.ownEdits > editsSeen(doc, id, device) ? before.entry : null
  }

  return { year: () => value, entry: (id) => seenById.get(id)?.entry ?? null }
}
