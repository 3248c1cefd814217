import { MAX_NAME_LENGTH, parseBreath, parsePlan } from '#app/domain/breath/parse.ts'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { Feeling, PracticeFacts, PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import { type CivilDay, civilDay, dayToNumber, type Moment, parseCivilDay, yearOf } from '#core/time.ts'
import { cleanLine, cleanTags } from './clean.ts'
import type { JournalEntry } from './entry.ts'

/** Entries come from files too: whatever does not lie within these bounds is no entry. */

const MS_PER_DAY = 86_400_000
/** Each year becomes a document: a made-up file may not begin thousands of them. */
const MAX_UTC_MS = dayToNumber('2200-01-01' as CivilDay) * MS_PER_DAY
const MAX_OFFSET_MINUTES = 24 * 60
/** An open-ended practice may have been left running; nobody practises for a year. */
const MAX_PRACTISED_MS = 366 * MS_PER_DAY
const MAX_COUNTED_CYCLES = 10_000_000

type Fields = Readonly<Record<string, unknown>>
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Base64url; the ids of built-in patterns have dots. */
export const isId = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value)

const within = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && value >= min && value <= max

const parseMoment = (value: unknown): Moment | null => {
  if (!isFields(value)) return null
  const { utcMs, zone, offsetMinutes } = value
  if (!within(utcMs, 0, MAX_UTC_MS) || !within(offsetMinutes, -MAX_OFFSET_MINUTES, MAX_OFFSET_MINUTES)) return null
  return typeof zone === 'string' && /^[\w+/-]{1,64}$/.test(zone) ? { utcMs, zone, offsetMinutes } : null
}

/** The day as it was written down, if that moment can have belonged to it. */
const parseDay = (value: unknown, moment: Moment): { readonly day: CivilDay; readonly year: number } | null => {
  const day = typeof value === 'string' ? parseCivilDay(value) : null
  if (day === null || !day.ok) return null
  const away = Math.abs(dayToNumber(day.value) - dayToNumber(civilDay(moment)))
  return away <= 1 ? { day: day.value, year: yearOf(day.value) } : null
}

const parseFeeling = (value: unknown): Feeling | null =>
  value === 1 || value === 2 || value === 3 || value === 4 || value === 5 ? value : null

const parsePatternThen = (value: unknown): PracticeFacts['pattern'] | null => {
  if (!isFields(value) || !isId(value.id)) return null
  const { id, name } = value
  const breath = parseBreath(value.breath)
  if (!breath.ok || typeof name !== 'string' || name.length > MAX_NAME_LENGTH) return null
  return { id: id as PatternId, name: name.toWellFormed(), breath: breath.value }
}

const parseFacts = (fields: Fields): PracticeFacts | null => {
  const startedAt = parseMoment(fields.startedAt)
  const day = startedAt && parseDay(fields.day, startedAt)
  const pattern = parsePatternThen(fields.pattern)
  const plan = parsePlan(fields.plan)
  const { practisedMs, cycles, ending } = fields
  if (startedAt === null || day === null || pattern === null || !plan.ok) return null
  if (!within(practisedMs, 0, MAX_PRACTISED_MS)) return null
  if (!within(cycles, 0, MAX_COUNTED_CYCLES) || !Number.isInteger(cycles)) return null
  if (ending !== 'planned' && ending !== 'early' && ending !== 'interrupted') return null
  return { startedAt, ...day, practisedMs, cycles, pattern, plan: plan.value, ending }
}

const parseTags = (value: unknown): readonly string[] =>
  Array.isArray(value) ? cleanTags(value.filter((tag) => typeof tag === 'string')) : []

/** @returns null for what is no entry. Line and tags are brought into the form they are kept in. */
export const parseEntry = (value: unknown): JournalEntry | null => {
  if (!isFields(value) || !isId(value.id) || typeof value.line !== 'string') return null
  const shared = { id: value.id as RecordId, line: cleanLine(value.line), tags: parseTags(value.tags) }
  if (value.kind === 'line') {
    const writtenAt = parseMoment(value.writtenAt)
    const day = writtenAt && parseDay(value.day, writtenAt)
    return writtenAt === null || day === null ? null : { kind: 'line', ...shared, writtenAt, ...day }
  }
  const facts = value.kind === 'practice' ? parseFacts(value) : null
  if (facts === null) return null
  const feelings = { before: parseFeeling(value.before), after: parseFeeling(value.after) }
  return { kind: 'practice', ...shared, ...facts, ...feelings } satisfies PracticeRecord
}
