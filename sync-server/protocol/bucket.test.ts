import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fullBucket, takeTokens } from './bucket.ts'

const rate = { perSecond: 10, burst: 5 }

test('a burst is taken at once, then the rate holds', () => {
  const bucket = fullBucket(rate, 0)
  const waits = Array.from({ length: 6 }, () => takeTokens(bucket, rate, 1, 0))
  expect(waits).toEqual([0, 0, 0, 0, 0, 100])
  expect(takeTokens(bucket, rate, 1, 50)).toBeGreaterThanOrEqual(50)
  expect(takeTokens(bucket, rate, 1, 100)).toBe(0)
})

test('a clock that steps back grants nothing', () => {
  const bucket = fullBucket(rate, 1_000)
  expect(takeTokens(bucket, rate, 5, 1_000)).toBe(0)
  expect(takeTokens(bucket, rate, 1, 0)).toBeGreaterThan(0)
})

test('over any time no more is taken than burst and rate allow', () => {
  const steps = fc.array(fc.record({ ms: fc.nat(500), cost: fc.integer({ min: 1, max: 5 }) }), { maxLength: 100 })
  fc.assert(
    fc.property(steps, (list) => {
      const bucket = fullBucket(rate, 0)
      let now = 0
      let taken = 0
      for (const { ms, cost } of list) {
        now += ms
        if (takeTokens(bucket, rate, cost, now) === 0) taken += cost
      }
      expect(taken).toBeLessThanOrEqual(rate.burst + (now * rate.perSecond) / 1_000 + 1e-6)
    })
  )
})
