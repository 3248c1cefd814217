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
