import { expect, test } from 'vitest'
import { journalDay, journalYear } from '#app/domain/journal/days.ts'
import type { Journal, JournalEntry } from '#app/domain/journal/entry.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import type { CivilDay } from '#core/time.ts'
import { lastSevenDays, matches, monthBy, monthWeeks, openDays, tagsOf } from './view.ts'

const practice = (day: string, minutes: number, line = ''): JournalEntry => ({
  kind: 'practice',
  id: `${day}-${minutes}` as RecordId,
  startedAt: { utcMs: Date.parse(`${day}T08:00:00Z`), zone: 'UTC', offsetMinutes: 0 },
  day: day as CivilDay,
  year: Number(day.slice(0, 4)),
  practisedMs: minutes * 60_000,
  cycles: 0,
  pattern: { id: '4-6' as never, name: '', breath: { kind: 'free' } },
  plan: { kind: 'open' },
  ending: 'planned',
  before: null,
  after: null,
  line,
  tags: ['evening']
})

const journalOf = (...entries: readonly JournalEntry[]): Journal => {
  const days = [...new Set(entries.map(({ day }) => day))].map((day) =>
    journalDay(
      day,
      entries.filter((entry) => entry.day === day)
    )
  )
  return { years: [journalYear(2026, days, false), { kind: 'closed', year: 2025 }] }
}

test('seven days count today and the six before, not the eighth', () => {
  const journal = journalOf(practice('2026-11-21', 5), practice('2026-11-15', 7), practice('2026-11-14', 100))
  expect(lastSevenDays(journal, '2026-11-21' as CivilDay)).toBe(12 * 60_000)
})

test('a month begins under its weekday and glows where something was', () => {
  const weeks = monthWeeks(journalOf(practice('2026-11-02', 3), practice('2026-11-30', 20)), '2026-11')
  expect(weeks[0]?.slice(0, 6)).toEqual([null, null, null, null, null, null])
  expect(weeks[0]?.[6]).toMatchObject({ date: 1, glow: 0 })
  expect(weeks[1]?.[0]).toMatchObject({ date: 2, glow: 1 })
  expect(weeks.at(-1)?.[0]).toMatchObject({ date: 30, glow: 2 })
  expect(weeks.flat().filter((cell) => cell !== null)).toHaveLength(30)
  expect(weeks.every((week) => week.length === 7)).toBe(true)
})

test('a leap February has its day', () => {
  expect(
    monthWeeks({ years: [] }, '2028-02')
      .flat()
      .filter((cell) => cell !== null)
  ).toHaveLength(29)
})

test('months turn over the year', () => {
  expect(monthBy('2026-12', 1)).toBe('2027-01')
  expect(monthBy('2026-01', -1)).toBe('2025-12')
})

test('closed years give no days', () => {
  expect(openDays({ years: [{ kind: 'closed', year: 2020 }] })).toEqual([])
})

test('tags are split at commas and lose their sign', () => {
  expect(tagsOf('#evening, long walk,, ')).toEqual(['evening', 'long walk'])
})

test('a search wants every word, in the line, the tags or the name', () => {
  const entry = practice('2026-11-21', 5, 'Rain on the roof')
  const name = () => 'Calm breath'
  expect(matches(entry, 'rain EVENING', name)).toBe(true)
  expect(matches(entry, 'calm roof', name)).toBe(true)
  expect(matches(entry, 'snow', name)).toBe(false)
})
