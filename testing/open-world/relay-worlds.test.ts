import { expect, test } from 'vitest'
import { addCounts, type Counts } from '#testing/world/counts.ts'
import { SEEDS, seedsFrom } from '#testing/world/seeds.ts'
import { rerunCommand, runWorld } from './run.ts'

/** Several relays over one store. A few in every check, more in the whole test run. */

const RELAY_SEEDS = SEEDS < 100 ? 3 : 30

const MUST_HAPPEN: readonly RegExp[] = [
  /^edited$/,
  /^moved to another relay$/,
  /^bus lost a message$/,
  /^bus doubled a message$/,
  /^bus cut off$/,
  /^relay froze$/,
  /^relay drained$/,
  /^relay killed for good$/,
  /^relay killed (at|after) append$/,
  /^relay killed (at|after) (stage|stage-part|adopt|sweep)$/,
  /^relay killed at some moment$/,
  /^store heads$/,
  /^store failed heads$/,
  /^store adopt$/,
  /^store adopt cas$/
]
const ALWAYS: readonly RegExp[] = [/^edited$/, /^moved to another relay$/, /^store heads$/, /^relay killed for good$/]

const mustHold = async (seeds: readonly number[], relays: number): Promise<Counts> => {
  const all: Counts[] = []
  for (const seed of seeds) {
    const { problems, counts, trace } = await runWorld({ seed, relays })
    expect(problems, [`seed ${seed}: ${rerunCommand(seed, relays)}`, ...trace.slice(-40)].join('\n')).toEqual([])
    all.push(counts)
  }
  return addCounts(all)
}

test('[MR19] worlds of open rooms at several relays hold, and something happened in them', {
  timeout: 600_000
}, async () => {
  const seeds = seedsFrom(17, 1, 16 + RELAY_SEEDS)
  const counts = await mustHold(seeds, 3)
  const patterns = seeds.length >= 30 ? MUST_HAPPEN : ALWAYS
  const missing = patterns.filter((pattern) => ![...counts.keys()].some((what) => pattern.test(what)))
  expect(missing.map(String)).toEqual([])
})
