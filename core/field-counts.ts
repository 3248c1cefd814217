import { FRESH_SECONDS, GRID_SECONDS, KEPT_GRIDS, SETTLE_SECONDS } from './field.ts'
import { type CivilDay, dayFromNumber } from './time.ts'

/** The sums of the field, from what single relays counted. Pure: the relay's JSON and the app's screen are made of the same. */

/** What one run of a relay counted: `people[0]` at `second`, then each GRID_SECONDS earlier. */
export interface NowPartial {
  readonly second: number
  readonly people: readonly number[]
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** @param value as it stands in the document: [second, newest count, the one before, ...] */
export const parseNowPartial = (value: unknown): NowPartial | undefined => {
  if (!Array.isArray(value) || value.length < 2 || value.length > 1 + 4 * KEPT_GRIDS || !value.every(isCount)) {
    return undefined
  }
  const [second, ...people] = value as [number, ...number[]]
  return second % GRID_SECONDS === 0 ? { second, people } : undefined
}

export interface People {
  /** The second of relay time that the number is true for. */
  readonly second: number
  readonly people: number
}

/**
 * Adds what the relays counted in one and the same second: the newest that all living ones have told, and that a relay which has
 * only begun to tell would have told by now. A run that told nothing for FRESH_SECONDS counts no more.
 * @param second relay time now
 */
export const peopleNow = (partials: Iterable<NowPartial>, second: number): People => {
  const living = [...partials].filter((each) => Math.abs(second - each.second) < FRESH_SECONDS)
  if (living.length === 0) return { second, people: 0 }
  const settled = Math.floor((second - SETTLE_SECONDS) / GRID_SECONDS) * GRID_SECONDS
  const common = Math.min(settled, ...living.map((each) => each.second))
  const people = living.reduce((sum, each) => sum + (each.people[(each.second - common) / GRID_SECONDS] ?? 0), 0)
  return { second: common, people }
}

/** Hours since 1970 UTC -> people-seconds. */
export type HourSums = ReadonlyMap<number, number>

export const hourKey = (hour: number, run: string): string => `${hour}/${run}`

/** Each entry is one run's own sum of one hour, however often it was rewritten. */
export const addHours = (...documents: readonly Iterable<readonly [key: string, value: unknown]>[]): HourSums => {
  const sums = new Map<number, number>()
  for (const entries of documents) {
    for (const [key, value] of entries) {
      const hour = Number(/^(\d{1,9})\/[\w-]+$/.exec(key)?.[1] ?? Number.NaN)
      if (Number.isNaN(hour) || !isCount(value)) continue
      sums.set(hour, (sums.get(hour) ?? 0) + value)
    }
  }
  return sums
}

export interface HourCount {
  /** Hours since 1970 UTC. */
  readonly hour: number
  readonly peopleSeconds: number
}

/** The hours up to the one that `second` lies in, oldest first; an hour in which nobody was counted is 0. */
export const lastHours = (sums: HourSums, second: number, count: number): readonly HourCount[] => {
  const last = Math.floor(second / 3_600)
  return Array.from({ length: count }, (_, i) => {
    const hour = last - count + 1 + i
    return { hour, peopleSeconds: sums.get(hour) ?? 0 }
  })
}

export interface DayCount {
  readonly day: CivilDay
  readonly peopleSeconds: number
}

/**
 * The days up to the present one, oldest first, from midnight to midnight where the reader is. An hour that midnight cuts (in zones
 * that differ by half an hour) belongs to the day in which it began.
 */
export const lastDays = (sums: HourSums, second: number, offsetMinutes: number, count: number): readonly DayCount[] => {
  const dayOf = (at: number): number => Math.floor((at + offsetMinutes * 60) / 86_400)
  const byDay = new Map<number, number>()
  for (const [hour, sum] of sums) byDay.set(dayOf(hour * 3_600), (byDay.get(dayOf(hour * 3_600)) ?? 0) + sum)
  const last = dayOf(second)
  return Array.from({ length: count }, (_, i) => {
    const day = last - count + 1 + i
    return { day: dayFromNumber(day), peopleSeconds: byDay.get(day) ?? 0 }
  })
}

export const HOURS_SHOWN = 24
export const DAYS_SHOWN = 30

/** What `GET /field` tells. Times are UTC; the answer's Date header says as of when. */
export interface FieldSummary {
  readonly peopleNow: number
  readonly hours: readonly { readonly from: string; readonly peopleSeconds: number }[]
  readonly days: readonly { readonly day: string; readonly peopleSeconds: number }[]
}

export const summarise = (partials: Iterable<NowPartial>, sums: HourSums, second: number): FieldSummary => ({
  peopleNow: peopleNow(partials, second).people,
  hours: lastHours(sums, second, HOURS_SHOWN).map(({ hour, peopleSeconds }) => ({
    from: `${dayFromNumber(Math.floor(hour / 24))}T${String(hour % 24).padStart(2, '0')}:00Z`,
    peopleSeconds
  })),
  days: lastDays(sums, second, 0, DAYS_SHOWN)
})
