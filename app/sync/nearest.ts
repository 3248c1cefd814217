import { probeRoundTrip } from '#core/clock.ts'
import type { ClockSample } from './ports.ts'

/** Which of several relays is asked for live things: the healthy one with the shortest way, and not another at every breath. */
export interface Nearest {
  /** A clock probe of `relay` came back. */
  sample(relay: string, sample: ClockSample): void
  /** @returns the relay to use now; null before any was reached. */
  among(healthy: readonly string[]): string | null
}

/** Newest round trips that count: at one in 20 s, two minutes. */
const KEPT = 7
/** Another relay must be better by both, or the last one stays: each change costs whoever listens a new connection. */
const BETTER_MS = 10
const BETTER_SHARE = 0.75

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY
}

export const createNearest = (): Nearest => {
  const tripsByRelay = new Map<string, readonly number[]>()
  let current: string | null = null
  const way = (relay: string): number => median(tripsByRelay.get(relay) ?? [])

  return {
    sample: (relay, sample) => {
      const trip = probeRoundTrip(sample)
      if (Number.isFinite(trip) && trip >= 0)
        tripsByRelay.set(relay, [...(tripsByRelay.get(relay) ?? []), trip].slice(-KEPT))
    },
    among: (healthy) => {
      const [best] = [...healthy].sort((a, b) => way(a) - way(b))
      // Nobody else answers: who listens there comes back to it by themselves.
      if (best === undefined || best === current) return current
      const stays = current !== null && healthy.includes(current)
      const isBetter =
        current === null || (way(best) <= way(current) * BETTER_SHARE && way(best) <= way(current) - BETTER_MS)
      if (!stays || isBetter) current = best
      return current
    }
  }
}
