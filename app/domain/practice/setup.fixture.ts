import { BUILT_IN_PATTERNS } from '#app/domain/breath/built-in.ts'
import type { Pattern } from '#app/domain/breath/pattern.ts'
import type { SessionPlan } from '#core/breath.ts'
import type { RecordId } from './record.ts'
import type { Setup } from './session.ts'

export const builtIn = (id: string): Pattern => {
  const pattern = BUILT_IN_PATTERNS.find((candidate) => candidate.id === id)
  if (pattern === undefined) throw new Error(`no built-in pattern ${id}`)
  return pattern
}

/** 2026-11-21 07:00 in Lisbon. */
export const STARTED_AT = { utcMs: 1_795_244_400_000, zone: 'Europe/Lisbon', offsetMinutes: 0 }

export const setupOf = (patternId: string, plan: SessionPlan, change: Partial<Setup> = {}): Setup => ({
  id: 'record-1' as RecordId,
  pattern: builtIn(patternId),
  plan,
  countInMs: 0,
  startedAt: STARTED_AT,
  before: null,
  ...change
})
