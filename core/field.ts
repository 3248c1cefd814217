import { dayFromNumber } from './time.ts'

/** What relays and devices both know of the field. docs/spec/field.md says what each part promises. */

/** Rooms that the relays write and everybody else reads. */
export const FIELD_ROOMS = 'field/'

/** `YYYY-MM`, UTC. */
export type FieldMonth = string & { readonly __brand: 'FieldMonth' }

/** A claim is for so long; it is renewed before it ends. Who vanishes without a word is counted for this long at most. */
export const CLAIM_SECONDS = 10
/** A longer claim is refused: it would be a ghost for longer. */
export const MOST_CLAIM_SECONDS = 15
/** A claim that ends later than this after now is refused. */
export const MOST_AHEAD_SECONDS = 30
/** Seconds divisible by this are published. */
export const GRID_SECONDS = 5
/** So many published seconds stand side by side, so that relays with different newest ones have one in common. */
export const KEPT_GRIDS = 9
/** A published second has reached everybody, also where relays must ask their store for it (once a second). */
export const SETTLE_SECONDS = 3
/** A relay's partial counts while it is younger than this. A relay that died is gone then. */
export const FRESH_SECONDS = 30

const SECONDS_PER_DAY = 86_400

/** The month that a second of relay time (since 1970 UTC) belongs to. */
export const fieldMonthAt = (second: number): FieldMonth =>
  dayFromNumber(Math.floor(second / SECONDS_PER_DAY)).slice(0, -3) as FieldMonth

export const fieldMonthBefore = (month: FieldMonth): FieldMonth => {
  const [year, of] = month.split('-').map(Number) as [number, number]
  const before = of === 1 ? [year - 1, 12] : [year, of - 1]
  return `${String(before[0]).padStart(4, '0')}-${String(before[1]).padStart(2, '0')}` as FieldMonth
}

export const fieldRoom = (month: FieldMonth): string => `${FIELD_ROOMS}${month}`

/** Root maps of the document. */
export const FIELD_MAPS = {
  /** run -> [second, people then, people GRID_SECONDS earlier, ...] */
  now: 'now',
  /** `<hour>/<run>` -> people-seconds */
  hours: 'hours'
} as const

/** A person's claim: "I practise during these seconds of relay time", from the first to before the last. */
export interface Claim {
  /** Random, for one practice; never leaves the relay's memory. */
  readonly id: string
  readonly from: number
  readonly to: number
}

/** What a client says to a relay through its awareness state in a field room. 'when' asks for the relay's time and claims nothing. */
export type FieldReport = Claim | 'when'

export const reportState = (report: FieldReport): { readonly field: FieldReport } => ({ field: report })

const fieldIn = (state: unknown): unknown =>
  typeof state === 'object' && state !== null && 'field' in state ? state.field : undefined

const isSecond = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

export const parseReport = (state: unknown): FieldReport | undefined => {
  const field = fieldIn(state)
  if (field === 'when') return 'when'
  if (typeof field !== 'object' || field === null) return undefined
  const { id, from, to } = field as Record<string, unknown>
  if (typeof id !== 'string' || !/^[\w-]{16,32}$/.test(id)) return undefined
  if (!isSecond(from) || !isSecond(to) || to <= from || to - from > MOST_CLAIM_SECONDS) return undefined
  return { id, from, to }
}

/** The relay's answer to whoever reports: its clock, epoch milliseconds. */
export const answerState = (ms: number): { readonly field: { readonly at: number } } => ({ field: { at: ms } })

export const parseAnswer = (state: unknown): number | undefined => {
  const field = fieldIn(state)
  const at = typeof field === 'object' && field !== null && 'at' in field ? field.at : undefined
  return isSecond(at) ? at : undefined
}
