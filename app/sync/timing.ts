import type { Moment } from './session-state.ts'

/** Delays of the sealed session, milliseconds. */

/** Typing is sent when it rests this long, and at most this long after it began. */
export const TYPING_IDLE_MS = 5_000
export const TYPING_AT_MOST_MS = 10_000
/** Devices that all noticed the same loss do not all give back the same content: the first to speak spares the others. */
export const REPAIR_JITTER_MS = 30_000
/** Documents that a relay has lost are gathered this long before they are read again on a new socket. */
export const GATHER_MS = 300
/** Nobody else is there who could give back the same; two that come at once cost a doubled entry, which says nothing new. */
export const ALONE_JITTER_MS = 1_000
/** Devices that see the same long tail do not all build the same snapshot. */
export const COMPACT_JITTER_MS = 5_000
/** Most authors bring their entries to each of their relays themselves; what they have not brought after this is carried by others. */
export const CARRY_MS = 4_000
export const CARRY_JITTER_MS = 12_000
/** Receipts to other devices are gathered this long. */
export const HELD_MS = 1_000
/** A clock probe doubles as a sign of life. */
export const WATCH_MS = 20_000
/** A socket that says nothing for so long, though probed, is dead: half-open connections never close by themselves. */
export const SILENCE_MS = 50_000

const FIRST_MS = 1_000
const LONGEST_MS = 60_000

/** Exponential, between half and one and a half of its mean, so that devices cut off together do not return together. */
export const backoffMs = (attempts: number, { random }: Moment): number =>
  Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 10)) * (0.5 + random))

/** A time the relay named, never earlier, spread over half as long again. */
export const afterAdviceMs = (ms: number, { random }: Moment): number => Math.round(ms * (1 + random / 2)) + 1

const REFRESH_FIRST_MS = 15_000
const REFRESH_LONGEST_MS = 600_000

/** Entries that cannot be opened are asked for again: what unlocks them is often on its way, sometimes not for long. */
export const refreshMs = (times: number): number =>
  Math.min(REFRESH_LONGEST_MS, REFRESH_FIRST_MS * 2 ** Math.min(times, 10))
