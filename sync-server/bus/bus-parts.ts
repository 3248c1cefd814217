import type { Bus } from '#server/rooms/ports.ts'

/** What every bus tells of itself, whatever its broker. */

export type BusNews =
  /** Other relays' messages no longer come through. Told once an outage, with the first reason. */
  | { readonly kind: 'away'; readonly reason: string }
  /** They come through (again). */
  | { readonly kind: 'there' }
  /** A listener threw; the others were told all the same. */
  | { readonly kind: 'listener-failed'; readonly reason: string }

/** Plain numbers that only grow, read when somebody asks. */
export interface BusCounters {
  /** Messages that left for the broker. */
  sent: number
  /** Messages of other relays that somebody here listens for. */
  received: number
  /** Messages that were not sent: too large, the broker away, or more waiting than may. */
  dropped: number
  /** Times that listeners were told to ask the store. */
  gaps: number
  /** Times that a connection to the broker was made. */
  connections: number
}

export interface CountedBus extends Bus {
  readonly counters: Readonly<BusCounters>
}

export interface BusOptions {
  readonly report?: (news: BusNews) => void
  /** In [0, 1): spreads what would else happen on all relays at once. */
  readonly random?: () => number
}

export const createBusCounters = (): BusCounters => ({ sent: 0, received: 0, dropped: 0, gaps: 0, connections: 0 })

/** Some errors of drivers have a code and no message, or hold several. */
export const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.message !== '') return cause.message
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0])
  return 'code' in cause ? String(cause.code) : cause.name
}
