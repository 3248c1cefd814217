import fc from 'fast-check'
import { expect, test } from 'vitest'
import { docBytes } from '#app/store/bytes.ts'
import { createRandom } from '#testing/random.ts'
import type { Fate } from './memory.ts'
import { type Step, steps, textOf } from './steps.arbitrary.ts'
import { createProfile, type Profile } from './tabs.arbitrary.ts'

const SEEDS = 60

/** Every write may be the last of its tab, before it was kept or after; now and then the disk refuses. */
const fates = (seed: number) => {
  const random = createRandom(seed)
  const calm = { at: false }
  const fate = (): Fate => {
    if (calm.at || !random.chance(0.25)) return 'proceed'
    return random.pick(['crash-before', 'crash-after', 'crash-after'] as const)
  }
  return { fate, calm }
}

/** What was kept goes to the relay as it would on any later day: seal, push, acknowledge, until nothing waits. */
const drain = async (profile: Profile): Promise<void> => {
  const kinds = ['look-at-outbox', 'seal', 'push', 'look-at-relay', 'receive'] as const
  for (let round = 0; await profile.waits(); round++) {
    if (round > 200) throw new Error('what was kept does not get to the relay')
    for (const kind of kinds) await profile.run({ kind, tab: 0, at: 4 })
  }
}

test(`[LG48] ${SEEDS} schedules with crashes between and inside any transactions lose no row and use no counter twice`, async () => {
  let crashed = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { fate, calm } = fates(seed)
    const [schedule] = fc.sample(steps({ minLength: 150, maxLength: 150 }), { seed, numRuns: 1 }) as [Step[]]
    const profile = await createProfile(fate)
    for (const step of schedule) await profile.run(step)
    calm.at = true
    const kept = await profile.fresh()
    // A promise kept: everything an append resolved for, and all of every stretch the cursor has passed.
    expect(docBytes.missing(profile.promised, kept), `seed ${seed}`).toBeUndefined()
    await drain(profile)
    const there = profile.relay.map((entry) => entry.bytes)
    expect(docBytes.missing(kept, there), `seed ${seed}`).toBeUndefined()
    expect(textOf(await profile.fresh()), `seed ${seed}`).toBe(textOf(there))
    const own = profile.relay.flatMap((entry) => entry.counter ?? [])
    expect(own, `seed ${seed}`).toEqual(own.map((_, index) => index + 1))
    crashed += profile.count.crashed
  }
  expect(crashed).toBeGreaterThan(5 * SEEDS)
})
