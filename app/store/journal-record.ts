import * as Y from 'yjs'
import { parseBreath, parsePlan } from '#app/domain/breath/parse.ts'
import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { JournalEntry, JournalLine } from '#app/domain/journal/entry.ts'
import type { Feeling, PracticeFacts, PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import { type Moment, parseCivilDay, yearOf } from '#core/time.ts'

/**
 * One record as a Y.Map:
 *   kind       'practice' | 'line'
 *   facts      what never changes, as one JSON value (one Yjs item instead of ten: ten years open quickly)
 *   before, after   1..5, absent = not told
 *   line       Y.Text, born with the record. Not a plain string: the same line edited on two devices at once keeps both
 *              edits, where a whole value would drop one of them unseen
 *   tag:<tag>  true, one key a tag: tags added on two devices are both there
 *   edit:<device>   how often that device edited it: lets a deletion say which edits it had seen
 */
export type RecordMap = Y.Map<unknown>

const TAG = 'tag:'
const EDIT = 'edit:'

export const createRecordMap = (entry: JournalEntry): RecordMap => {
  const map: RecordMap = new Y.Map()
  map.set('kind', entry.kind)
  map.set('facts', entry.kind === 'practice' ? practiceFacts(entry) : lineFacts(entry))
  map.set('line', new Y.Text(entry.line))
  for (const tag of entry.tags) map.set(TAG + tag, true)
  if (entry.kind === 'practice') {
    if (entry.before !== null) map.set('before', entry.before)
    if (entry.after !== null) map.set('after', entry.after)
  }
  return map
}

const practiceFacts = ({
  startedAt,
  day,
  year,
  practisedMs,
  cycles,
  pattern,
  plan,
  ending
}: PracticeFacts): PracticeFacts => ({
  startedAt,
  day,
  year,
  practisedMs,
  cycles,
  pattern,
  plan,
  ending
})

const lineFacts = ({ writtenAt, day, year }: JournalLine) => ({ writtenAt, day, year })

export const writeTags = (map: RecordMap, tags: readonly string[]): void => {
  for (const key of [...map.keys()]) if (key.startsWith(TAG) && !tags.includes(key.slice(TAG.length))) map.delete(key)
  for (const tag of tags) if (!map.has(TAG + tag)) map.set(TAG + tag, true)
}

export type EditCounts = Readonly<Record<string, number>>

export const editCounts = (map: RecordMap): EditCounts =>
  Object.fromEntries(
    [...map.entries()].flatMap(([key, count]) =>
      key.startsWith(EDIT) && typeof count === 'number' ? [[key.slice(EDIT.length), count]] : []
    )
  )

export const countEdit = (map: RecordMap, device: string): void => {
  const before = map.get(EDIT + device)
  map.set(EDIT + device, (typeof before === 'number' ? before : 0) + 1)
}

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const readMoment = (value: unknown): Moment | null => {
  if (!isFields(value)) return null
  const { utcMs, zone, offsetMinutes } = value
  const whole = typeof utcMs === 'number' && typeof zone === 'string' && typeof offsetMinutes === 'number'
  return whole && Number.isFinite(utcMs) && Number.isFinite(offsetMinutes) ? { utcMs, zone, offsetMinutes } : null
}

const readFeeling = (value: unknown): Feeling | null =>
  value === 1 || value === 2 || value === 3 || value === 4 || value === 5 ? value : null

const readDay = (value: unknown) => {
  const day = typeof value === 'string' ? parseCivilDay(value) : null
  return day?.ok ? { day: day.value, year: yearOf(day.value) } : null
}

const readFacts = (facts: Fields): PracticeFacts | null => {
  const startedAt = readMoment(facts.startedAt)
  const day = readDay(facts.day)
  const { practisedMs, cycles, pattern, ending } = facts
  const plan = parsePlan(facts.plan)
  if (startedAt === null || day === null || !plan.ok || !isFields(pattern)) return null
  const breath = parseBreath(pattern.breath)
  const { id, name } = pattern
  if (!breath.ok || typeof id !== 'string' || typeof name !== 'string') return null
  if (typeof practisedMs !== 'number' || typeof cycles !== 'number') return null
  if (ending !== 'planned' && ending !== 'early' && ending !== 'interrupted') return null
  const breathed = { id: id as PatternId, name, breath: breath.value }
  return { startedAt, ...day, practisedMs, cycles, pattern: breathed, plan: plan.value, ending }
}

/** @returns null for what this version cannot read: it stays in the document, unshown. */
export const readRecord = (id: string, map: RecordMap): JournalEntry | null => {
  const facts = map.get('facts')
  const text = map.get('line')
  if (!isFields(facts) || !(text instanceof Y.Text)) return null
  const line = text.toString()
  const tags = [...map.keys()].filter((key) => key.startsWith(TAG)).map((key) => key.slice(TAG.length))
  const shared = { id: id as RecordId, line, tags: tags.sort() }
  if (map.get('kind') === 'line') {
    const writtenAt = readMoment(facts.writtenAt)
    const day = readDay(facts.day)
    return writtenAt === null || day === null
      ? null
      : ({ kind: 'line', ...shared, writtenAt, ...day } satisfies JournalLine)
  }
  const practice = map.get('kind') === 'practice' ? readFacts(facts) : null
  if (practice === null) return null
  const feelings = { before: readFeeling(map.get('before')), after: readFeeling(map.get('after')) }
  return { kind: 'practice', ...shared, ...practice, ...feelings } satisfies PracticeRecord
}
