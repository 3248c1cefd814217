import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCounts } from './counts.ts'
import { createTally } from './tally.ts'

const T = 1_000_000
const claim = (id: string, from: number, to: number) => ({ id, from, to })

test('[FI1] a claim counts in the whole seconds that lie in it, from the second after it came', () => {
  const tally = createTally()
  tally.claim(claim('a', T, T + 5), T + 1)
  tally.claim(claim('b', T + 3, T + 6), T + 1)
  expect(tally.close(T + 10)).toEqual([
    { second: T + 2, people: 1 },
    { second: T + 3, people: 2 },
    { second: T + 4, people: 2 },
    { second: T + 5, people: 1 }
  ])
  expect(tally.size()).toBe(0)
})

test('[FI2] the same said twice, or overlapping, counts once; who stops is not counted in the second of stopping', () => {
  const tally = createTally()
  tally.claim(claim('a', T, T + 10), T - 1)
  tally.claim(claim('a', T, T + 10), T - 1)
  tally.claim(claim('a', T + 5, T + 15), T + 1)
  tally.withdraw('a', T + 7)
  const counted = tally.close(T + 20)
  expect(counted.map(({ people }) => people)).toEqual(Array(7).fill(1))
  expect(counted.at(-1)?.second).toBe(T + 6)
})

test('[FI2] a clock that stands still, jumps or goes back counts no second twice', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1 }), (clock) => {
      const tally = createTally()
      const seen = new Set<number>()
      for (const at of clock) {
        tally.claim(claim('a', T + at, T + at + 10), T + at)
        for (const { second, people } of tally.close(T + at)) {
          expect(people).toBe(1)
          expect(seen.has(second)).toBe(false)
          seen.add(second)
        }
      }
    })
  )
})

test('[FI5] a claim far ahead is refused', () => {
  const tally = createTally()
  expect(tally.claim(claim('a', T + 25, T + 30), T)).toBe(true)
  expect(tally.claim(claim('b', T + 25, T + 31), T)).toBe(false)
})

test('[FI3] the last word of a run that ends: what it counted stays true, and from then on it counts nobody', () => {
  const counts = createCounts()
  for (let second = T; second < T + 20; second++) counts.add(second, 2)
  expect(counts.now(T + 20)).toEqual([T + 15, 2, 2, 2, 2, 0, 0, 0, 0, 0])
  const last = counts.last(T + 20) ?? []
  expect(last.slice(0, 11)).toEqual([T + 40, 0, 0, 0, 0, 0, 2, 2, 2, 2, 0])
  expect(createCounts().last(T)).toBeUndefined()
})

test('[FI4] an hour is told as a sum that only grows, and forgotten when it is over', () => {
  const counts = createCounts()
  const hour = Math.floor(T / 3_600)
  const all = () => true
  counts.add(T, 2)
  expect(counts.takeHours(T, () => false)).toEqual([])
  expect(counts.isWaiting()).toBe(true)
  expect(counts.takeHours(T, all)).toEqual([{ hour, peopleSeconds: 2 }])
  expect(counts.takeHours(T, all)).toEqual([])
  counts.add(T + 1, 3)
  expect(counts.takeHours(T + 3_600, all)).toEqual([{ hour, peopleSeconds: 5 }])
  expect([counts.isWaiting(), counts.takeHours(T + 3_600, all)]).toEqual([false, []])
})
