import { expect, test } from 'vitest'
import { missingFrom } from './coverage.ts'
import { FIRST, liveThrough, SEEDS, seedsFrom } from './seeds.ts'

test('[WO1] [WO2] [WO3] [WO4] [WO5] [WO6] [WO8] [WO9] worlds hold and something happened in them: even seeds', {
  timeout: 600_000
}, async () => {
  const seeds = seedsFrom(FIRST + 1, 2, FIRST + SEEDS)
  const { counts, failure } = await liveThrough(seeds)
  expect(failure).toBeUndefined()
  expect(missingFrom(counts, seeds.length)).toEqual([])
})
