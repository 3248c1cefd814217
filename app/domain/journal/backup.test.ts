import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Pattern, PatternId } from '#app/domain/breath/pattern.ts'
import type { Feeling, PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import { DEFAULT_SETTINGS } from '#app/domain/settings/parse.ts'
import { anyPaced } from '#core/breath.arbitrary.ts'
import { civilDay, type Moment, yearOf } from '#core/time.ts'
import { backupToText, parseBackup, planReadingBack, type ReadBackup } from './backup.ts'
import { cleanLine, cleanTags } from './clean.ts'
import type { JournalEntry } from './entry.ts'

const NOTHING_HERE = { entries: new Set<string>(), patterns: new Set<string>() }

const anyId = fc.stringMatching(/^[A-Za-z0-9_-]{22}$/)
const anyMoment: fc.Arbitrary<Moment> = fc.record({
  utcMs: fc.integer({ min: 86_400_000, max: 4_102_444_800_000 }),
  zone: fc.constantFrom('UTC', 'Europe/Lisbon', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'),
  offsetMinutes: fc.integer({ min: -720, max: 840 })
})
const dayOf = (moment: Moment) => ({ day: civilDay(moment), year: yearOf(civilDay(moment)) })
const anyText = fc.record({
  line: fc.string({ unit: 'binary' }).map(cleanLine),
  tags: fc.array(fc.string({ unit: 'binary', maxLength: 50 }), { maxLength: 40 }).map(cleanTags)
})
const anyPlan = fc.oneof(
  fc.constant({ kind: 'open' as const }),
  fc.record({ kind: fc.constant('minutes' as const), minutes: fc.integer({ min: 1, max: 600 }) }),
  fc.record({ kind: fc.constant('cycles' as const), cycles: fc.integer({ min: 1, max: 1_000 }) })
)
const anyFeeling = fc.constantFrom<(Feeling | null)[]>(null, 1, 2, 3, 4, 5)

const anyLine: fc.Arbitrary<JournalEntry> = fc
  .record({ id: anyId, moment: anyMoment, text: anyText })
  .map(({ id, moment, text }) => ({
    kind: 'line',
    id: id as RecordId,
    ...text,
    writtenAt: moment,
    ...dayOf(moment)
  }))

const anyPractice: fc.Arbitrary<PracticeRecord> = fc
  .record({
    id: anyId,
    moment: anyMoment,
    text: anyText,
    feelings: fc.record({ before: anyFeeling, after: anyFeeling }),
    breath: anyPaced,
    plan: anyPlan,
    sums: fc.record({ practisedMs: fc.nat(90_000_000), cycles: fc.nat(10_000) }),
    ending: fc.constantFrom('planned' as const, 'early' as const, 'interrupted' as const)
  })
  .map(({ id, moment, text, feelings, breath, plan, sums, ending }) => ({
    kind: 'practice',
    id: id as RecordId,
    ...text,
    ...feelings,
    ...sums,
    startedAt: moment,
    ...dayOf(moment),
    pattern: { id: '4-6' as PatternId, name: '', breath },
    plan,
    ending
  }))

const anyPattern: fc.Arbitrary<Pattern> = fc
  .record({ id: anyId, name: fc.string({ maxLength: 80 }), breath: anyPaced, plan: anyPlan })
  .map((pattern) => ({ ...pattern, id: pattern.id as PatternId, origin: 'own' }))

const byId = { selector: ({ id }: { readonly id: string }) => id, maxLength: 8 }
const anyEntries = fc.uniqueArray(fc.oneof(anyLine, anyPractice), byId)
const anyPatterns = fc.uniqueArray(anyPattern, byId)

const read = (text: string): ReadBackup => {
  const backup = parseBackup(text)
  if (!backup.ok) throw new Error(backup.error)
  return backup.value
}

test('[JR24] what was written to a file is what it brings back, and nothing the second time', () => {
  fc.assert(
    fc.property(anyEntries, anyPatterns, (entries, patterns) => {
      const favourites = patterns.slice(0, 2).map(({ id }) => id)
      const backup = read(backupToText({ settings: DEFAULT_SETTINGS, patterns, favourites, entries }))
      expect(backup.leftOut).toBe(0)
      const plan = planReadingBack(backup, NOTHING_HERE)
      expect(plan).toEqual({ entries, patterns, favourites, alreadyHere: 0 })
      const here = {
        entries: new Set<string>(entries.map(({ id }) => id)),
        patterns: new Set<string>(patterns.map(({ id }) => id))
      }
      const alreadyHere = entries.length + patterns.length
      expect(planReadingBack(backup, here)).toEqual({ entries: [], patterns: [], favourites: [], alreadyHere })
    })
  )
})

test('[JR25] no text at all throws', () => {
  const anyFile = fc.record(
    {
      format: fc.constantFrom('sacred-council/1', 'sacred-council/2', 'sacred-council/', 'other', 1),
      entries: fc.anything(),
      patterns: fc.anything(),
      favourites: fc.anything()
    },
    { requiredKeys: [] }
  )
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    anyFile.map((file) => JSON.stringify(file, skipBigInts) ?? '')
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(typeof parseBackup(text).ok).toBe('boolean')
    })
  )
})

const skipBigInts = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)

test('[JR25] whatever one field of an entry is replaced by, the entry is left out or within bounds', () => {
  const hostile = fc.oneof(
    fc.anything(),
    fc.constantFrom(-1, 1e300, '__proto__', '9999-12-31', 'x'.repeat(100_000), '\ud800', [['deep']])
  )
  let kept = 0
  let dropped = 0
  fc.assert(
    fc.property(fc.oneof(anyLine, anyPractice), fc.nat(), hostile, (entry, at, value) => {
      const keys = Object.keys(entry)
      const changed = { ...entry, [keys[at % keys.length] as string]: value }
      const text = JSON.stringify({ format: 'sacred-council/1', entries: [changed, entry], patterns: [] }, skipBigInts)
      const { entries, leftOut } = read(text)
      kept += entries.length
      dropped += leftOut
      for (const each of entries) {
        expect(each.id).toMatch(/^[\w.-]{1,64}$/)
        expect(each.line).toBe(cleanLine(each.line))
        expect(each.tags).toEqual(cleanTags(each.tags))
        expect(each.year).toBeGreaterThan(1968)
        expect(each.year).toBeLessThan(2201)
        if (each.kind === 'practice') expect(Number.isInteger(each.cycles) && each.practisedMs >= 0).toBe(true)
      }
    })
  )
  expect(kept).toBeGreaterThan(0)
  expect(dropped).toBeGreaterThan(0)
})

test('[JR25] other files, later formats and damaged ones are told apart; one bad entry costs no other', () => {
  const error = (file: unknown) => {
    const backup = parseBackup(typeof file === 'string' ? file : JSON.stringify(file))
    return backup.ok ? null : backup.error
  }
  const line = {
    kind: 'line',
    id: 'a',
    writtenAt: { utcMs: 1_795_244_400_000, zone: 'Europe/Lisbon', offsetMinutes: 0 },
    day: '2026-11-21',
    line: 'light',
    tags: []
  }
  expect(error('a letter')).toBe('not-a-backup')
  expect(error([])).toBe('not-a-backup')
  expect(error(null)).toBe('not-a-backup')
  expect(error({ format: 'sacred-council/one', entries: [], patterns: [] })).toBe('not-a-backup')
  expect(error({ format: 'sacred-council/2' })).toBe('newer')
  expect(error({ format: 'sacred-council/1', entries: {} })).toBe('malformed')
  expect(error({ format: 'sacred-council/1', entries: [{ ...line, day: '2026-02-31' }], patterns: [] })).toBe(
    'malformed'
  )
  const file = { format: 'sacred-council/1', entries: [{ ...line, day: '1999-01-01' }, line, line], patterns: [7] }
  expect(read(JSON.stringify(file))).toMatchObject({ entries: [{ id: 'a', year: 2026 }], patterns: [], leftOut: 2 })
})
