import type { Counts } from './counts.ts'

/** What must have happened over the seeds of one suite, or it shows nothing. */
const MUST_HAPPEN: readonly RegExp[] = [
  /^wrote$/,
  /^got ack$/,
  /^got snapshot$/,
  /^got erased$/,
  /^nack fork$/,
  /^disk snapshot ok$/,
  /^erased everywhere$/,
  /^relay killed at /,
  /^relay killed for an older copy$/,
  /^notice relay-had-another-history$/,
  /^tab died$/,
  /^tab froze$/
]

/** Rarer: over the seeds of the whole test run. */
const MUST_HAPPEN_SOMETIME: readonly RegExp[] = [
  /^began anew after an erasure$/,
  /^device vanished$/,
  /^device key renewed$/,
  /^disk snapshot cas$/,
  /^got (pause|goaway)$/,
  /^nack (store|relay-full)$/,
  /^nack erased$/,
  /^relay killed before append$/,
  /^relay killed after append$/,
  /^relay killed (before|after) adopt$/,
  /^relay killed for an empty disk$/
]

const MANY = 50

/** @param seeds how many were lived through */
export const missingFrom = (counts: Counts, seeds: number): readonly string[] =>
  [...MUST_HAPPEN, ...(seeds >= MANY ? MUST_HAPPEN_SOMETIME : [])]
    .filter((pattern) => ![...counts.keys()].some((what) => pattern.test(what)))
    .map(String)
