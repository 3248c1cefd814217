import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDays,
  type CivilDay,
  civilDay,
  dayFromNumber,
  dayToNumber,
  parseCivilDay,
  weekdayOf,
  yearOf
} from './time.ts'

const at = (iso: string, offsetMinutes: number) => ({ utcMs: Date.parse(iso), zone: 'X/Y', offsetMinutes })

test('[JR1] a day starts at 04:00 where it was lived', () => {
  expect(civilDay(at('2026-11-21T03:59:59.999Z', 0))).toBe('2026-11-20')
  expect(civilDay(at('2026-11-21T04:00:00Z', 0))).toBe('2026-11-21')
  expect(civilDay(at('2026-11-21T03:30:00Z', 60))).toBe('2026-11-21')
  expect(civilDay(at('2026-11-21T01:00:00Z', -600))).toBe('2026-11-20')
  expect(civilDay(at('2027-01-01T03:00:00Z', 0))).toBe('2026-12-31')
  expect(yearOf(civilDay(at('2027-01-01T03:00:00Z', 0)))).toBe(2026)
})

test('[JR1] day numbers agree with the platform calendar, both ways', () => {
  fc.assert(
    fc.property(fc.integer({ min: -25_000, max: 100_000 }), (days) => {
      const iso = new Date(days * 86_400_000).toISOString().slice(0, 10)
      expect(dayFromNumber(days)).toBe(iso)
      expect(dayToNumber(iso as CivilDay)).toBe(days)
      expect(weekdayOf(iso as CivilDay)).toBe((new Date(days * 86_400_000).getUTCDay() + 6) % 7)
    })
  )
  expect(addDays('2028-02-28' as CivilDay, 2)).toBe('2028-03-01')
})

test('[JR1] only days that exist are days', () => {
  expect(parseCivilDay('2026-02-28').ok).toBe(true)
  for (const text of ['2026-02-30', '2026-13-01', '26-1-1', '', '2026-00-10'])
    expect(parseCivilDay(text).ok).toBe(false)
})
