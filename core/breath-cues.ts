import type { Breath, PhaseKind } from './breath.ts'
import { beatsOfCycle, cycleAt } from './breath-cycle.ts'

/** Something to hear or feel at a breath time. Negative times fall into the count-in. */
export type Cue =
  /** The tone may glide over the whole phase. */
  | { readonly kind: PhaseKind; readonly atMs: number; readonly durationMs: number }
  | { readonly kind: 'bell'; readonly atMs: number; readonly bell: 'warm-up' | 'interval' | 'end' }

export type CuePlan = {
  readonly breath: Breath
  /** Breath time of the end; null = open-ended. */
  readonly endMs: number | null
  readonly countInMs: number
  /** Rung as the count-in begins. */
  readonly warmUpBell: boolean
  readonly endBell: boolean
  /** Milliseconds between interval bells; null = none. */
  readonly intervalMs: number | null
}

/** An interval bell this close to the end would sound like the end. */
const BELL_CLEARANCE_MS = 5_000

const phaseCues = ({ breath, endMs }: CuePlan, fromMs: number, toMs: number): readonly Cue[] => {
  if (breath.kind !== 'paced') return []
  const until = endMs === null ? toMs : Math.min(toMs, endMs)
  const cues: Cue[] = []
  for (let cycle = cycleAt(breath, Math.max(0, fromMs)); ; cycle++) {
    const beats = beatsOfCycle(breath, cycle)
    for (const { kind, startMs, durationMs } of beats) {
      if (startMs >= until) return cues
      if (startMs < fromMs) continue
      // The sum of scaled phases may fall a hair before the end it defines: nothing new begins there.
      if (endMs !== null && startMs > endMs - 1) return cues
      cues.push({
        kind,
        atMs: startMs,
        durationMs: endMs === null ? durationMs : Math.min(durationMs, endMs - startMs)
      })
    }
  }
}

const bellCues = (plan: CuePlan, fromMs: number, toMs: number): readonly Cue[] => {
  const within = (atMs: number): boolean => atMs >= fromMs && atMs < toMs
  const bells: Cue[] = []
  if (plan.warmUpBell && within(-plan.countInMs)) bells.push({ kind: 'bell', atMs: -plan.countInMs, bell: 'warm-up' })
  if (plan.intervalMs !== null && plan.intervalMs > 0) {
    const last = plan.endMs === null ? toMs : Math.min(toMs, plan.endMs - BELL_CLEARANCE_MS)
    for (let n = Math.max(1, Math.ceil(fromMs / plan.intervalMs)); n * plan.intervalMs < last; n++) {
      bells.push({ kind: 'bell', atMs: n * plan.intervalMs, bell: 'interval' })
    }
  }
  if (plan.endBell && plan.endMs !== null && within(plan.endMs))
    bells.push({ kind: 'bell', atMs: plan.endMs, bell: 'end' })
  return bells
}

/** Cues with fromMs <= atMs < toMs in order of time: neighbouring windows neither repeat nor miss one. */
export const cuesBetween = (plan: CuePlan, fromMs: number, toMs: number): readonly Cue[] =>
  [...phaseCues(plan, fromMs, toMs), ...bellCues(plan, fromMs, toMs)].sort((a, b) => a.atMs - b.atMs)
