/**
 * Where a breath is, as a pure function of (breath, spans, now). No message per breath and no timer: whoever knows the
 * start and the synchronised time knows the phase. Times are milliseconds; a breath is written in seconds.
 */

/** `sip` is the second inhale of a double inhale; `hold` follows the inhale, `rest` the exhale. */
export type PhaseKind = 'in' | 'sip' | 'hold' | 'out' | 'rest'

export const PHASE_ORDER: readonly PhaseKind[] = ['in', 'sip', 'hold', 'out', 'rest']

/** Seconds per phase; 0 leaves a phase out. `in` and `out` are never 0 in a breath that passed parseBreath. */
export type PhaseSeconds = Readonly<Record<PhaseKind, number>>

/** The first cycle lasts `from` times the written one; over `cycles` cycles that factor goes to 1 in a straight line. */
export type TempoRamp = { readonly from: number; readonly cycles: number }

export type PacedBreath = { readonly kind: 'paced'; readonly seconds: PhaseSeconds; readonly ramp: TempoRamp | null }
/** No guide: the person holds to breathe in and lets go to breathe out. */
export type FreeBreath = { readonly kind: 'free' }
/** Silent sitting: neither guide nor breath signal. */
export type SilentBreath = { readonly kind: 'silent' }
export type Breath = PacedBreath | FreeBreath | SilentBreath

/** How long it is meant to last. Whatever is planned, a paced session ends at the end of an exhale. */
export type SessionPlan =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'cycles'; readonly cycles: number }
  | { readonly kind: 'open' }

/** One phase of one cycle in breath time (milliseconds since the first inhale). */
export type Beat = {
  readonly kind: PhaseKind
  /** Cycle number from 0. */
  readonly cycle: number
  readonly startMs: number
  readonly durationMs: number
}

/** The beat that is on now. */
export type Phase = Beat & {
  /** 0 at the start of the phase, below 1 until it ends. */
  readonly progress: number
  readonly remainingMs: number
}
