import type { Session } from '#app/domain/practice/session.ts'
import type { Phase } from '#core/breath.ts'
import { phaseAt } from '#core/breath-cycle.ts'
import { breathMsAt } from '#core/breath-session.ts'

export type Moving = Extract<Session, { kind: 'count-in' | 'running' | 'paused' }>

export const isMoving = (session: Session): session is Moving =>
  session.kind === 'count-in' || session.kind === 'running' || session.kind === 'paused'

/** Milliseconds until something changes by itself: the first inhale, the next phase, the end. */
export const nextChangeMs = (session: Moving, breathMs: number): number => {
  if (breathMs < 0) return -breathMs
  const { breath } = session.setup.pattern
  const toEnd = session.endMs === null ? Number.POSITIVE_INFINITY : session.endMs - breathMs
  return breath.kind === 'paced' ? Math.min(toEnd, phaseAt(breath, breathMs).remainingMs) : toEnd
}

export interface Beats {
  /** Breath time; below 0 during a count-in. */
  readonly breathMs: number
  /** Null during a count-in and without a guide. */
  readonly phase: Phase | null
  /** Whole seconds until the first inhale; 0 once it has begun. */
  readonly countIn: number
  /** 0..1 of the plan; null when open-ended. */
  readonly progress: number | null
}

export const beatsAt = (session: Moving, nowMs: number): Beats => {
  const breathMs = breathMsAt(session.spans, nowMs)
  const { breath } = session.setup.pattern
  return {
    breathMs,
    phase: breath.kind === 'paced' && breathMs >= 0 ? phaseAt(breath, breathMs) : null,
    countIn: Math.max(0, Math.ceil(-breathMs / 1000)),
    progress: session.endMs === null ? null : Math.min(1, Math.max(0, breathMs / session.endMs))
  }
}
