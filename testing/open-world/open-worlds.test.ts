import { expect, test } from 'vitest'
import { addCounts, type Counts } from '#testing/world/counts.ts'
import { SEEDS, seedsFrom } from '#testing/world/seeds.ts'
import { rerunCommand, runWorld } from './run.ts'

/** A few in every check, a hundred in the whole test run. */
const OPEN_SEEDS = SEEDS < 100 ? 4 : 100

/** What must have happened over a hundred worlds, or they show nothing. */
const MUST_HAPPEN: readonly RegExp[] = [
  /^edited$/,
  /^edited offline$/,
  /^heard elsewhere$/,
  /^client synced$/,
  /^client closed 1001$/,
  /^client closed 1006$/,
  /^client closed 4503$/,
  /^line went dead$/,
  /^vanished$/,
  /^left$/,
  /^room emptied$/,
  /^relay drained$/,
  /^relay killed (at|after) append$/,
  /^relay killed at stage-part$/,
  /^relay killed at stage$/,
  /^relay killed (at|after) adopt$/,
  /^relay killed at sweep$/,
  /^relay killed at some moment$/,
  /^store failed (load|append|readAfter|readBase|stage|adopt)$/,
  /^store answer lost$/,
  /^store adopt$/,
  /^merger failed$/,
  /^base built without a row$/,
  /^base damaged on the way to the disk$/,
  /^relay sent (step1|step2|update|awareness|denied)$/
]
const ALWAYS: readonly RegExp[] = [/^edited$/, /^edited offline$/, /^client synced$/, /^store adopt$/, /^relay killed /]

const missingFrom = (counts: Counts, patterns: readonly RegExp[]): readonly string[] =>
  patterns.filter((pattern) => ![...counts.keys()].some((what) => pattern.test(what))).map(String)

test('[OR4] [OR5] [OR8] [OR9] [OR11] [OR13] [OR16] [OR17] [OR19] worlds of open rooms hold, and something happened in them', {
  timeout: 600_000
}, async () => {
  const seeds = seedsFrom(3, 1, 2 + OPEN_SEEDS)
  const all: Counts[] = []
  for (const seed of seeds) {
    const { problems, counts, trace } = await runWorld({ seed })
    expect(problems, [`seed ${seed}: ${rerunCommand(seed)}`, ...trace.slice(-40)].join('\n')).toEqual([])
    all.push(counts)
  }
  expect(missingFrom(addCounts(all), seeds.length >= 100 ? MUST_HAPPEN : ALWAYS)).toEqual([])
})
