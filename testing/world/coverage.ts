import type { Counts } from './counts.ts'

/** What must have happened over the seeds of a test run, or the run shows nothing. */
export const MUST_HAPPEN: readonly string[] = []

export const missingFrom = (counts: Counts): readonly string[] =>
  MUST_HAPPEN.filter((what) => (counts.get(what) ?? 0) === 0)
