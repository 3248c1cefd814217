import type { Breath, SessionPlan } from './breath.ts'
import { cycleAt, cycleStartMs, exhaleEndMs, nextExhaleEndMs, phaseAt } from './breath-cycle.ts'

/**
 * A session is a list of spans; between two of them it is paused. Breath time runs from 0 at the first inhale and only
 * inside spans. A resumed session begins the interrupted cycle again: nobody can go on from the middle of a held breath.
 */
export type Span = {
  /** Synchronised epoch milliseconds. May lie ahead: the count-in. */
  readonly startMs: number
  /** null while it runs. */
  readonly endMs: number | null
  /** Breath time at `startMs`. */
  readonly breathMs: number
}

/** Breath time now; below 0 during a count-in (milliseconds still to wait). */
export const breathMsAt = (spans: readonly Span[], nowMs: number): number => {
  const span = spans.at(-1)
  if (span === undefined) return 0
  const elapsed = (span.endMs ?? nowMs) - span.startMs
  return elapsed < 0 ? elapsed : span.breathMs + elapsed
}

/** Milliseconds practised, pauses and count-ins left out. */
export const practisedMs = (spans: readonly Span[], nowMs: number): number =>
  spans.reduce((sum, { startMs, endMs }) => sum + Math.max(0, (endMs ?? nowMs) - startMs), 0)

export const beginSpan = (nowMs: number, countInMs: number): readonly Span[] => [
  { startMs: nowMs + countInMs, endMs: null, breathMs: 0 }
]

/** Ends the running span; one that had not begun (count-in) leaves no trace but its place in breath time. */
export const endSpan = (spans: readonly Span[], nowMs: number): readonly Span[] =>
  spans.map((span) => (span.endMs === null ? { ...span, endMs: Math.max(span.startMs, nowMs) } : span))

/** Where breath time goes on after a pause. */
export const resumePoint = (breath: Breath, breathMs: number): number => {
  if (breath.kind !== 'paced' || breathMs <= 0) return Math.max(0, breathMs)
  return cycleStartMs(breath, cycleAt(breath, breathMs))
}

export const resumeSpan = (
  breath: Breath,
  spans: readonly Span[],
  nowMs: number,
  countInMs: number
): readonly Span[] => [
  ...endSpan(spans, nowMs),
  { startMs: nowMs + countInMs, endMs: null, breathMs: resumePoint(breath, breathMsAt(endSpan(spans, nowMs), nowMs)) }
]

/**
 * Breath time at which the plan ends; null = open-ended, or counted in cycles without a guide. Paced minutes are rounded
 * up to the end of the exhale; paced cycles end with the last exhale, without the rest after it.
 */
export const plannedEndMs = (breath: Breath, plan: SessionPlan): number | null => {
  if (plan.kind === 'open') return null
  if (plan.kind === 'minutes') {
    const ms = plan.minutes * 60_000
    return breath.kind === 'paced' ? nextExhaleEndMs(breath, ms) : ms
  }
  return breath.kind === 'paced' ? exhaleEndMs(breath, Math.max(1, plan.cycles) - 1) : null
}

/** Breath time at which an early finish ends that lets the breath go: at once in a rest, else with the exhale. */
export const gentleEndMs = (breath: Breath, breathMs: number, plannedMs: number | null): number => {
  const from = Math.max(0, breathMs)
  const end = breath.kind !== 'paced' || phaseAt(breath, from).kind === 'rest' ? from : nextExhaleEndMs(breath, from)
  return plannedMs === null ? end : Math.min(end, plannedMs)
}

/** Whole seconds to show before the first inhale; 0 once it has begun. */
export const countInSeconds = (startMs: number, nowMs: number): number =>
  Math.max(0, Math.ceil((startMs - nowMs) / 1000))
