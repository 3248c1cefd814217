import { expect, test } from 'vitest'
import { runWorld } from './run.ts'

/** What a seed showed once, and what was missing then. */
const FOUND: readonly (readonly [seed: number, what: string])[] = [
  [161, 'who did not read heard of those present, and not of those who had left'],
  [447, 'a device that came back with an old clock was not told so while its answer was made'],
  [15, 'a device that came back with the clock its leaving had been told with was taken for news by the judge']
]

for (const [seed, what] of FOUND) {
  test(`[MR19] seed ${seed}: ${what}`, { timeout: 60_000 }, async () => {
    expect((await runWorld({ seed, relays: 3 })).problems).toEqual([])
  })
}
