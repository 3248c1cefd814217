/** How long to wait before the next try to reach a broker. */

const LEAST_MS = 100
const MOST_MS = 5_000
const SHARE = 0.25

/**
 * A quarter of the time it has been away, between a tenth of a second and five: a restart costs little, a long absence no
 * storm. Half of it is left to chance, so that relays that lost a broker together do not return together.
 * @param random in [0, 1)
 * @returns milliseconds
 */
export const backoffMs = (awayMs: number, random: number): number =>
  Math.min(Math.max(awayMs * SHARE, LEAST_MS), MOST_MS) * (0.5 + random / 2)
