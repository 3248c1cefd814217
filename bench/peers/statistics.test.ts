import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHistogram, median, quantile } from './statistics.ts'

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('quantiles are values that were measured, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1)
  expect([0, 0.5, 0.99, 1].map((q) => quantile(values, q))).toEqual([1, 50, 99, 100])
})

test('a histogram agrees with the sorted values to within one bucket', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 15_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.99, 1),
      (values, q) => {
        const histogram = createHistogram()
        for (const value of values) histogram.add(value)
        expect(Math.abs(histogram.quantile(q) - quantile(values, q))).toBeLessThan(0.0501)
      }
    ),
    { numRuns: 30 }
  )
})
