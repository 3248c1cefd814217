import { practisedBetween } from '#app/domain/journal/days.ts'
import type { Journal, JournalDay, JournalEntry } from '#app/domain/journal/entry.ts'
import { addDays, type CivilDay, weekdayOf } from '#core/time.ts'

/** Days of all years that are open, newest first. */
export const openDays = ({ years }: Journal): readonly JournalDay[] =>
  years.flatMap((year) => (year.kind === 'open' ? year.days : []))

/** Practised milliseconds of the seven days that end with `today`. */
export const lastSevenDays = (journal: Journal, today: CivilDay): number =>
  practisedBetween(journal, addDays(today, -6), today)

export interface CalendarDay {
  readonly day: string
  readonly date: number
  /** 0 none, 1 a line or some minutes, 2 a good while (ten minutes or more). */
  readonly glow: 0 | 1 | 2
}

/** The weeks of a month, Monday first (`null` pads), with how each day glows. @param month YYYY-MM */
export const monthWeeks = (journal: Journal, month: string): readonly (readonly (CalendarDay | null)[])[] => {
  const byDay = new Map(openDays(journal).map((day) => [day.day as string, day]))
  const [year, number] = month.split('-').map(Number) as [number, number]
  const length = new Date(Date.UTC(year, number, 0)).getUTCDate()
  const lead = weekdayOf(`${month}-01` as CivilDay)
  const cells: (CalendarDay | null)[] = Array.from({ length: lead }, () => null)
  for (let date = 1; date <= length; date++) {
    const day = `${month}-${String(date).padStart(2, '0')}`
    const found = byDay.get(day)
    cells.push({ day, date, glow: found === undefined ? 0 : found.practisedMs >= 600_000 ? 2 : 1 })
  }
  while (cells.length % 7 > 0) cells.push(null)
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

export const monthBy = (month: string, step: number): string => {
  const [year, number] = month.split('-').map(Number) as [number, number]
  return new Date(Date.UTC(year, number - 1 + step, 1)).toISOString().slice(0, 7)
}

/** Tags as typed, separated by commas, with or without #. The store cleans them further. */
export const tagsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((tag) => tag.trim().replace(/^#+/, ''))
    .filter((tag) => tag !== '')

/** Entries whose line, tags or pattern name hold the words. */
export const matches = (entry: JournalEntry, query: string, name: (entry: JournalEntry) => string): boolean => {
  const text = `${entry.line} ${entry.tags.join(' ')} ${name(entry)}`.toLocaleLowerCase()
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
