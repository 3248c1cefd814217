import { err, ok, type Result } from './result.ts'

/** A moment as it was lived: UTC milliseconds with the IANA zone and the UTC offset of the place it happened in. */
export type Moment = {
  readonly utcMs: number
  /** IANA name, e.g. `Europe/Lisbon`; `UTC` where the platform tells none. */
  readonly zone: string
  /** Minutes to add to UTC to get the wall clock there and then (east is positive). */
  readonly offsetMinutes: number
}

/** `YYYY-MM-DD`: sorts as text. */
export type CivilDay = string & { readonly __brand: 'CivilDay' }

const MS_PER_DAY = 86_400_000
/** Who practises at two in the morning is still in yesterday. */
const DAY_STARTS_AT_MS = 4 * 3_600_000

/** The day a moment belongs to where it was lived, starting at 04:00 local. */
export const civilDay = ({ utcMs, offsetMinutes }: Moment): CivilDay =>
  dayFromNumber(Math.floor((utcMs + offsetMinutes * 60_000 - DAY_STARTS_AT_MS) / MS_PER_DAY))

/** Year of a civil day: the journal's shard. */
export const yearOf = (day: CivilDay): number => Number(day.slice(0, -6))

/** Days since 1970-01-01 to a day (Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days). */
export const dayFromNumber = (days: number): CivilDay => {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` as CivilDay
}

/** Inverse of dayFromNumber (days_from_civil). */
export const dayToNumber = (civil: CivilDay): number => {
  const month = Number(civil.slice(-5, -3))
  const year = yearOf(civil) - (month <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + Number(civil.slice(-2)) - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** 0 Monday to 6 Sunday. 1970-01-01 was a Thursday. */
export const weekdayOf = (day: CivilDay): number => (((dayToNumber(day) + 3) % 7) + 7) % 7

export const addDays = (day: CivilDay, days: number): CivilDay => dayFromNumber(dayToNumber(day) + days)

export const parseCivilDay = (text: string): Result<CivilDay, 'malformed-day'> =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && dayFromNumber(dayToNumber(text as CivilDay)) === text
    ? ok(text as CivilDay)
    : err('malformed-day')
