import { expect, test } from 'vitest'
import { runWorld } from './run.ts'

/** Where it was noticed last, and then all others. */
const SEEDS = [52, 22, 16, ...Array.from({ length: 60 }, (_, index) => index + 1)]

test('[MR20] the world of several relays notices relays that never ask the store by themselves', {
  timeout: 300_000
}, async () => {
  for (const seed of SEEDS) {
    const { problems } = await runWorld({ seed, relays: 3, flaws: { neverPolls: true } })
    if (problems[0] === undefined) continue
    expect(problems[0], `seed ${seed}`).toMatch(/^\[WO8\]/)
    // It is the missing defence that was noticed: the sound relays hold in the same world.
    expect((await runWorld({ seed, relays: 3 })).problems).toEqual([])
    return
  }
  throw new Error('nobody noticed')
})
