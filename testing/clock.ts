import type { Scheduler } from './scheduler.ts'

/** A device's or relay's own clocks over the world's time: set wrong, and running a little fast or slow. */
export interface TestClock {
  /** Milliseconds since 1970 UTC, as this machine believes. */
  wall(): number
  /** Milliseconds, never going back. */
  mono(): number
  /** Somebody set the clock. */
  skew(ms: number): void
}

/** 2026-01-01T00:00:00Z: where the worlds begin. */
export const WORLD_EPOCH_MS = Date.UTC(2026, 0, 1)

export const createClock = (scheduler: Scheduler, offsetMs = 0, rate = 1): TestClock => {
  let offset = offsetMs
  return {
    wall: () => Math.round(WORLD_EPOCH_MS + offset + scheduler.now() * rate),
    mono: () => scheduler.now() * rate,
    skew: (ms) => {
      offset += ms
    }
  }
}
