import { expect, test } from 'vitest'
import type { PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import { builtIn, STARTED_AT } from '#app/domain/practice/setup.fixture.ts'
import { type CivilDay, civilDay, yearOf } from '#core/time.ts'
import { cleanLine, cleanTags, MAX_LINE_LENGTH } from './clean.ts'
import { findEntry, journalDay, journalYear, practisedBetween } from './days.ts'

const practice = (id: string, hoursLater: number, practisedMs: number): PracticeRecord => {
  const startedAt = { ...STARTED_AT, utcMs: STARTED_AT.utcMs + hoursLater * 3_600_000 }
  const day = civilDay(startedAt)
  const { breath, plan, name, id: patternId } = builtIn('4-6')
  return {
    kind: 'practice',
    id: id as RecordId,
    startedAt,
    day,
    year: yearOf(day),
    practisedMs,
    cycles: 1,
    plan,
    pattern: { id: patternId, name, breath },
    ending: 'planned',
    before: null,
    after: null,
    line: '',
    tags: []
  }
}

test('[JR2] a day shows its entries newest first and the sum of what was practised', () => {
  const day = journalDay('2026-11-21' as CivilDay, [
    practice('b', 0, 60_000),
    practice('a', 0, 1_000),
    practice('c', 2, 5_000)
  ])
  expect(day.entries.map(({ id }) => id)).toEqual(['c', 'a', 'b'])
  expect(day.practisedMs).toBe(66_000)
})

test('[JR2] a year sums its days, and sums between two days include both', () => {
  const days = [0, 24, 48].map((hours, i) => {
    const record = practice(`r${i}`, hours, 60_000 * (i + 1))
    return journalDay(record.day, [record])
  })
  const year = journalYear(2026, days, false)
  expect(year).toMatchObject({ practisedMs: 360_000, practices: 3 })
  expect(year.kind === 'open' && year.days.map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-22', '2026-11-21'])
  const journal = { years: [{ kind: 'closed' as const, year: 2027 }, year] }
  expect(practisedBetween(journal, '2026-11-22' as CivilDay, '2026-11-23' as CivilDay)).toBe(300_000)
  expect(findEntry(journal, 'r1')?.day).toBe('2026-11-22')
  expect(findEntry(journal, 'nobody')).toBeNull()
})

test('[JR3] lines and tags are kept in one form', () => {
  expect(cleanLine('a\r\nb\rc \n')).toBe('a\nb\nc')
  expect(cleanLine(`${'x'.repeat(MAX_LINE_LENGTH - 1)}😀`)).toHaveLength(MAX_LINE_LENGTH - 1)
  expect(cleanTags([' Dawn', 'dawn', 'deep  rest', '', 'e\u0301'])).toEqual(['dawn', 'deep rest', '\u00e9'])
})
