import { expect, test } from 'vitest'
import { liveThrough, SEEDS, seedsFrom } from './seeds.ts'

/** What must have happened among the relays over a whole test run's seeds, or it shows nothing. */
const MUST_HAPPEN: readonly RegExp[] = [
  /^bus lost a message$/,
  /^bus doubled a message$/,
  /^bus cut off$/,
  /^relay froze$/,
  /^relay killed by hand$/,
  /^relay killed after draining$/,
  /^relay killed for an older copy$/,
  /^erased everywhere$/,
  /^got ephemeral$/
]
const MANY = 50

test('[MR19] worlds of sealed rooms at several relays hold, and something happened in them', {
  timeout: 600_000
}, async () => {
  const seeds = seedsFrom(1, 1, SEEDS < 100 ? 6 : MANY)
  const { counts, failure } = await liveThrough(seeds, 3)
  expect(failure).toBeUndefined()
  const patterns = seeds.length < MANY ? [/^wrote$/, /^bus lost a message$/, /^relay froze$/] : MUST_HAPPEN
  const missing = patterns.filter((pattern) => ![...counts.keys()].some((what) => pattern.test(what)))
  expect(missing.map(String)).toEqual([])
})
