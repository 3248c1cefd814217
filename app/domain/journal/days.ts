import type { CivilDay } from '#core/time.ts'
import type { Journal, JournalDay, JournalEntry, JournalYear } from './entry.ts'

/** UTC milliseconds of an entry: its place within its day. */
export const entryTime = (entry: JournalEntry): number =>
  entry.kind === 'practice' ? entry.startedAt.utcMs : entry.writtenAt.utcMs

/** Newest first; equal times by id, so that every device shows the same order. */
const byTime = (a: JournalEntry, b: JournalEntry): number =>
  entryTime(b) - entryTime(a) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const sumPractised = (entries: readonly JournalEntry[]): number =>
  entries.reduce((sum, entry) => sum + (entry.kind === 'practice' ? entry.practisedMs : 0), 0)

export const journalDay = (day: CivilDay, entries: readonly JournalEntry[]): JournalDay => ({
  day,
  entries: [...entries].sort(byTime),
  practisedMs: sumPractised(entries)
})

/** Sums over what `days` show; nothing is counted up and stored. */
export const journalYear = (year: number, days: readonly JournalDay[], readOnly: boolean): JournalYear => ({
  kind: 'open',
  year,
  readOnly,
  days: [...days].sort((a, b) => (a.day < b.day ? 1 : -1)),
  practisedMs: days.reduce((sum, { practisedMs }) => sum + practisedMs, 0),
  practices: days.reduce((sum, { entries }) => sum + entries.filter(({ kind }) => kind === 'practice').length, 0)
})

/** Practised milliseconds of the days from..to (both included) in the years that are open. */
export const practisedBetween = (journal: Journal, from: CivilDay, to: CivilDay): number =>
  journal.years
    .flatMap((year) => (year.kind === 'open' ? year.days : []))
    .reduce((sum, { day, practisedMs }) => (day >= from && day <= to ? sum + practisedMs : sum), 0)

export const findEntry = (journal: Journal, id: string): JournalEntry | null => {
  for (const year of journal.years) {
    if (year.kind !== 'open') continue
    for (const { entries } of year.days) for (const entry of entries) if (entry.id === id) return entry
  }
  return null
}
