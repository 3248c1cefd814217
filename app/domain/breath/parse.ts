import { type Breath, PHASE_ORDER, type PhaseSeconds, type SessionPlan, type TempoRamp } from '#core/breath.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Pattern, PatternId } from './pattern.ts'

/** Patterns come from links, files, other devices and later versions: nothing is believed. */

export type PatternProblem =
  | 'malformed'
  | 'phase-out-of-range'
  | 'ramp-out-of-range'
  | 'plan-out-of-range'
  | 'name-too-long'

const MIN_BREATH_SECONDS = 0.5
const MAX_PHASE_SECONDS = 60
export const MAX_NAME_LENGTH = 80
export const MAX_MINUTES = 24 * 60
export const MAX_CYCLES = 10_000

type Fields = Readonly<Record<string, unknown>>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const within = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && value >= min && value <= max

const parseSeconds = (value: unknown): Result<PhaseSeconds, PatternProblem> => {
  if (!isFields(value)) return err('malformed')
  const seconds = { in: 0, sip: 0, hold: 0, out: 0, rest: 0 }
  for (const kind of PHASE_ORDER) {
    const written = value[kind] ?? 0
    const least = kind === 'in' || kind === 'out' ? MIN_BREATH_SECONDS : 0
    if (!within(written, least, MAX_PHASE_SECONDS)) return err('phase-out-of-range')
    // Tenths: what a person can set, and what keeps cycle lengths exact in milliseconds.
    seconds[kind] = Math.round(written * 10) / 10
  }
  return ok(seconds)
}

const parseRamp = (value: unknown): Result<TempoRamp | null, PatternProblem> => {
  if (value === null || value === undefined) return ok(null)
  if (!isFields(value)) return err('malformed')
  const { from, cycles } = value
  if (!within(from, 0.25, 4) || !within(cycles, 1, 1_000) || !Number.isInteger(cycles)) return err('ramp-out-of-range')
  return ok({ from, cycles })
}

export const parseBreath = (value: unknown): Result<Breath, PatternProblem> => {
  if (!isFields(value)) return err('malformed')
  if (value.kind === 'free' || value.kind === 'silent') return ok({ kind: value.kind })
  if (value.kind !== 'paced') return err('malformed')
  const seconds = parseSeconds(value.seconds)
  if (!seconds.ok) return seconds
  const ramp = parseRamp(value.ramp)
  return ramp.ok ? ok({ kind: 'paced', seconds: seconds.value, ramp: ramp.value }) : ramp
}

export const parsePlan = (value: unknown): Result<SessionPlan, PatternProblem> => {
  if (!isFields(value)) return err('malformed')
  const { kind, minutes, cycles } = value
  if (kind === 'open') return ok({ kind })
  if (kind === 'minutes') return within(minutes, 0.1, MAX_MINUTES) ? ok({ kind, minutes }) : err('plan-out-of-range')
  if (kind !== 'cycles') return err('malformed')
  return within(cycles, 1, MAX_CYCLES) && Number.isInteger(cycles) ? ok({ kind, cycles }) : err('plan-out-of-range')
}

export const parseOwnPattern = (id: string, value: unknown): Result<Pattern, PatternProblem> => {
  if (!isFields(value) || typeof value.name !== 'string') return err('malformed')
  if (value.name.length > MAX_NAME_LENGTH) return err('name-too-long')
  const breath = parseBreath(value.breath)
  if (!breath.ok) return breath
  const plan = parsePlan(value.plan)
  if (!plan.ok) return plan
  return ok({ id: id as PatternId, name: value.name, breath: breath.value, plan: plan.value, origin: 'own' })
}
