import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('[BU17] tries follow after a quarter of the absence, between 0.1 and 5 s, up to half of it off by chance', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (away, chance) => {
        const wait = backoffMs(away, chance)
        expect(wait).toBeGreaterThanOrEqual(50)
        expect(wait).toBeLessThanOrEqual(5_000)
        expect(wait).toBeLessThanOrEqual(Math.max(100, away / 4))
        expect(wait).toBeGreaterThanOrEqual(Math.min(2_500, away / 8))
      }
    )
  )
  expect([backoffMs(0, 0), backoffMs(4_000, 0), backoffMs(4_000, 0.5), backoffMs(1e9, 0)]).toEqual([
    50, 500, 750, 2_500
  ])
})
