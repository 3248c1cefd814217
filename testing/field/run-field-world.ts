import { expect } from 'vitest'
import { addHours, parseNowPartial, peopleNow } from '#core/field-counts.ts'
import { createRandom } from '#testing/random.ts'
import type { WorldRelay } from './field-relay.ts'
import { openFieldWorld, personOf, readerOf } from './field-world.ts'

/** People who were counted at a second, over all relays, each as often as a relay counted them. */
const countedAt = (relays: readonly WorldRelay[], second: number): string[] =>
  relays.flatMap(({ ledger, diedAt }) =>
    second < diedAt ? [...(ledger.idsBySecond.get(second) ?? [])].map(personOf) : []
  )

const total = (relay: WorldRelay): number => {
  let sum = 0
  for (const [second, ids] of relay.ledger.idsBySecond) if (second < relay.diedAt) sum += ids.size
  return sum
}

const STEPS = 60

/** One seeded world: people come, go, reload and stop; relays end, die, stand still and return. Fails where a sum is not the direct count. */
export const runFieldWorld = async (seed: number): Promise<void> => {
  const random = createRandom(seed)
  const world = openFieldWorld(random)
  const relays = [world.relay(), world.relay(), world.relay()]
  const living = (): WorldRelay[] => relays.filter(({ diedAt }) => diedAt === Number.POSITIVE_INFINITY)
  const people = Array.from({ length: 12 }, () => world.person(random.fork()))
  let most = 0
  let compared = 0
  let deaths = 0
  for (let step = 0; step < STEPS; step++) {
    for (const person of people) {
      if (random.chance(0.12)) person.go(random.chance(0.15) ? undefined : random.pick(living()))
      if (random.chance(0.1)) person.practise(random.chance(0.75))
      if (random.chance(0.03)) person.reload()
    }
    if (step % 20 === 17) {
      const doomed = random.pick(living())
      if (random.chance(0.5)) doomed.kill()
      else await doomed.stop()
      deaths++
      relays.push(world.relay())
    }
    if (random.chance(0.05)) random.pick(living()).freeze(random.between(2_000, 60_000))
    await world.run(random.between(1_000, 9_000))
    for (const relay of living()) {
      if (relay.isFrozen()) continue
      const reader = readerOf(relay)
      await world.run(30)
      const shown = peopleNow(
        reader.now().flatMap((value) => parseNowPartial(value) ?? []),
        world.second()
      )
      if (shown.second === world.second()) continue
      const counted = countedAt(relays, shown.second)
      const where = `seed ${seed} step ${step}`
      expect([counted.length, where]).toEqual([new Set(counted).size, where])
      // What a relay that stands still has not told yet cannot be known; nobody is ever counted who is not there.
      if (living().every((each) => each.isSteady())) {
        expect([shown.people, where]).toEqual([counted.length, where])
        compared++
      } else expect(shown.people).toBeLessThanOrEqual(counted.length)
      most = Math.max(most, shown.people)
    }
  }
  // The world did something.
  expect(most).toBeGreaterThan(3)
  expect(compared).toBeGreaterThan(STEPS / 2)
  expect(deaths).toBe(3)

  for (const person of people) person.practise(false)
  await world.run(30_000)
  const last = relays.at(-1) as WorldRelay
  const reader = readerOf(last)
  for (const relay of living()) if (relay !== last) await relay.stop()
  await world.run(130_000)
  const sums = addHours(reader.hours())
  const told = [...sums.values()].reduce((sum, each) => sum + each, 0)
  const killed = relays.filter((relay) => relay.diedAt < Number.POSITIVE_INFINITY && !relay.endedInOrder)
  const inOrder = relays.filter((relay) => !killed.includes(relay)).reduce((sum, relay) => sum + total(relay), 0)
  const atMost = inOrder + killed.reduce((sum, relay) => sum + total(relay), 0)
  expect(told).toBeGreaterThanOrEqual(inOrder)
  expect(told).toBeLessThanOrEqual(atMost)
  if (killed.length === 0) expect(told).toBe(inOrder)
}
