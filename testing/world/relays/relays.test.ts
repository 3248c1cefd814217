import { expect, test } from 'vitest'
import { addCounts, type Counts } from '#testing/world/counts.ts'
import { SEEDS } from '#testing/world/seeds.ts'
import { relaysCommand, runRelays } from './run.ts'

/** What must have happened over the seeds, or it shows nothing. */
const MUST_HAPPEN: readonly RegExp[] = [
  /^wrote$/,
  /^badge judged$/,
  /^got snapshot$/,
  /^did relays chosen$/,
  /^did one relay away$/,
  /^relay gone$/,
  /^relay killed for an empty disk$/
]

test('[WO13] two independent relays come to hold the same, whatever befalls either', { timeout: 600_000 }, async () => {
  const seeds = Math.max(6, Math.ceil(SEEDS / 4))
  const all: Counts[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const { problems, trace, counts } = await runRelays({ seed })
    expect(problems, [`seed ${seed}: ${relaysCommand(seed)}`, ...problems, ...trace.slice(-40)].join('\n')).toEqual([])
    all.push(counts)
  }
  const happened = [...addCounts(all).keys()]
  expect(MUST_HAPPEN.filter((pattern) => !happened.some((what) => pattern.test(what))).map(String)).toEqual([])
})
