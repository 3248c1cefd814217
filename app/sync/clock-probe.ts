import {
  type ClockReading,
  estimateOffset,
  followEstimate,
  type Probe,
  type SyncedClock,
  sleptBetween
} from '#core/clock.ts'
import type { Cell } from './cell.ts'
import type { Clock, ClockSample } from './ports.ts'

/** Newest probes that count: at one in 20 s, five minutes. */
const KEPT = 16

/** Turns the session's TIME answers into synchronised time. */
export const createClockProbe = (
  clock: Clock,
  synced: Cell<SyncedClock>
): ((sample: ClockSample, fresh?: boolean) => void) => {
  let probes: readonly Probe[] = []
  let before: ClockReading | undefined
  return (sample, fresh = false) => {
    const now: ClockReading = { wallMs: clock.now(), monoMs: clock.mono() }
    const slept = before !== undefined && sleptBetween(before, now)
    before = now
    // A probe from before a sleep was measured on a clock that has stood still since, one of another relay against another clock.
    probes = [...(slept || fresh ? [] : probes), sample].slice(-KEPT)
    const estimate = estimateOffset(probes)
    if (estimate === null) return
    synced.set(followEstimate(synced.get(), estimate, { monoMs: now.monoMs, slept, boundaryMonoMs: null }))
  }
}
