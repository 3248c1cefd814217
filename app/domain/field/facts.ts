import type { DayCount, HourCount, People } from '#core/field-counts.ts'

/** How this device stands to the field of its relay. */
export type FieldLink =
  /** Everything stays on this device: nothing is asked. */
  | 'no-relay'
  | 'connecting'
  | 'live'
  /** The relay is not reached. */
  | 'away'
  /** The relay has no field for this page. */
  | 'refused'

/** What was known last. */
export interface FieldCounts {
  readonly people: People
  /** Of the last 24 hours, oldest first. */
  readonly hours: readonly HourCount[]
  /** Of the last 30 days, oldest first, by the calendar where this device is. */
  readonly days: readonly DayCount[]
  /** Epoch ms when the relay last told something. */
  readonly asOfMs: number
}

export interface FieldFacts {
  readonly link: FieldLink
  /** Null: nothing was ever told to this device. */
  readonly counts: FieldCounts | null
  /** Whether this device is among those counted now. */
  readonly counted: boolean
}
