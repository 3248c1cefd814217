/**
 * Synchronised time: a monotonic clock plus an offset that follows the relay's clock. Offline the offset is the
 * device's own (wall minus monotonic) and is labelled as such. All times are milliseconds.
 */

/** Four timestamps of a probe: sent and received here (t0, t3, our clock), received and answered there (t1, t2). */
export type Probe = { readonly t0: number; readonly t1: number; readonly t2: number; readonly t3: number }

export const probeRoundTrip = ({ t0, t1, t2, t3 }: Probe): number => t3 - t0 - (t2 - t1)
/** Their clock minus ours, if both ways took equally long; wrong by half the asymmetry at most (RFC 5905 section 8). */
export const probeOffset = ({ t0, t1, t2, t3 }: Probe): number => (t1 - t0 + (t2 - t3)) / 2

export type Estimate = {
  readonly offsetMs: number
  /** Half the longest round trip used: the true offset lies within this of `offsetMs`. */
  readonly uncertaintyMs: number
}

/** Mean offset of the best quarter (at least one) by round trip; null without a plausible probe. */
export const estimateOffset = (probes: readonly Probe[]): Estimate | null => {
  const sorted = probes
    .filter((probe) => probeRoundTrip(probe) >= 0 && Number.isFinite(probeOffset(probe)))
    .sort((a, b) => probeRoundTrip(a) - probeRoundTrip(b))
  const best = sorted.slice(0, Math.ceil(sorted.length / 4))
  const worst = best.at(-1)
  if (worst === undefined) return null
  return {
    offsetMs: best.reduce((sum, probe) => sum + probeOffset(probe), 0) / best.length,
    uncertaintyMs: probeRoundTrip(worst) / 2
  }
}

/** At most 2 % faster or slower: a 5 s inhale is off by 0.1 s at the very most, and nobody hears a tone bend. */
export const MAX_SLEW = 0.02

export type SyncedClock = {
  readonly source: 'device' | 'relay'
  /** Monotonic time at which `offsetMs` held. */
  readonly atMonoMs: number
  readonly offsetMs: number
  readonly targetMs: number
  /** A step that waits for its cycle boundary. */
  readonly step: { readonly atMonoMs: number; readonly offsetMs: number } | null
}

/** Before any probe: the device's own wall clock. */
export const deviceClock = (wallMs: number, monoMs: number): SyncedClock => ({
  source: 'device',
  atMonoMs: monoMs,
  offsetMs: wallMs - monoMs,
  targetMs: wallMs - monoMs,
  step: null
})

export const offsetAt = (clock: SyncedClock, monoMs: number): number => {
  if (clock.step !== null && monoMs >= clock.step.atMonoMs) return clock.step.offsetMs
  const reach = MAX_SLEW * Math.max(0, monoMs - clock.atMonoMs)
  const gap = clock.targetMs - clock.offsetMs
  return clock.offsetMs + Math.sign(gap) * Math.min(Math.abs(gap), reach)
}

/** Synchronised epoch milliseconds. */
export const syncedNow = (clock: SyncedClock, monoMs: number): number => monoMs + offsetAt(clock, monoMs)

/** What the estimate meets: `slept` since the last one; the next cycle boundary of a running session, else null. */
export type Circumstance = {
  readonly monoMs: number
  readonly slept: boolean
  /** Monotonic time of the next cycle boundary; null when no session runs: a step may happen at once. */
  readonly boundaryMonoMs: number | null
}

/** The first offset and the one after sleep step (at the boundary while breathing); every other one slews. */
export const followEstimate = (clock: SyncedClock, { offsetMs }: Estimate, now: Circumstance): SyncedClock => {
  const current = offsetAt(clock, now.monoMs)
  const stepWaits = clock.step !== null && now.monoMs < clock.step.atMonoMs
  const base = { source: 'relay', atMonoMs: now.monoMs } as const
  if (clock.source === 'relay' && !now.slept && !stepWaits) {
    return { ...base, offsetMs: current, targetMs: offsetMs, step: null }
  }
  if (now.boundaryMonoMs === null || now.boundaryMonoMs <= now.monoMs) {
    return { ...base, offsetMs, targetMs: offsetMs, step: null }
  }
  return { ...base, offsetMs: current, targetMs: current, step: { atMonoMs: now.boundaryMonoMs, offsetMs } }
}

/** Wall and monotonic clock read together. */
export type ClockReading = { readonly wallMs: number; readonly monoMs: number }

/** Some monotonic clocks stand still in sleep (Safari, Chromium on macOS); a person's own change of the clock is smaller
 *  trouble than a missed sleep, so both count. */
export const sleptBetween = (before: ClockReading, after: ClockReading): boolean =>
  Math.abs(after.wallMs - before.wallMs - (after.monoMs - before.monoMs)) > 1_000
