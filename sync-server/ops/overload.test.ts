import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOverload, type Readings, retryAfterSeconds } from './overload.ts'
import { createWorst } from './worst.ts'

const CALM: Readings = { lagMs: 2, queuedBytes: 0, waitingMs: 5 }

test.each<[string, Partial<Readings>, Partial<Readings>, Partial<Readings>]>([
  ['loop', { lagMs: 600 }, { lagMs: 300 }, { lagMs: 90 }],
  ['queue', { queuedBytes: 100_000_000 }, { queuedBytes: 50_000_000 }, { queuedBytes: 10_000_000 }],
  ['commit', { waitingMs: 5_000 }, { waitingMs: 1_000 }, { waitingMs: 100 }]
])('overload by %s begins at a bound and ends at a lower one', (cause, above, between, below) => {
  const overload = createOverload()
  const judge = (readings: Partial<Readings>): boolean => {
    overload.judge({ ...CALM, ...readings })
    expect(overload.has(cause as 'loop')).toBe(overload.isOverloaded())
    return overload.isOverloaded()
  }
  expect(judge(between)).toBe(false)
  expect(judge(above)).toBe(true)
  expect(judge(between)).toBe(true)
  expect(judge(below)).toBe(false)
  expect(judge(between)).toBe(false)
})

test('one cause that ends does not end another', () => {
  const overload = createOverload()
  overload.judge({ ...CALM, lagMs: 900, waitingMs: 9_000 })
  overload.judge({ ...CALM, waitingMs: 9_000 })
  expect([overload.has('loop'), overload.has('commit'), overload.isOverloaded()]).toEqual([false, true, true])
})

test('times to come back are spread over whole seconds', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
      const seconds = retryAfterSeconds(random)
      expect(Number.isInteger(seconds)).toBe(true)
      expect(seconds).toBeGreaterThanOrEqual(2)
      expect(seconds).toBeLessThan(10)
    })
  )
  expect(retryAfterSeconds(0)).not.toBe(retryAfterSeconds(0.99))
})

test('the worst of a minute is forgotten after a minute', () => {
  const worst = createWorst()
  worst.add(70)
  for (let second = 0; second < 59; second++) worst.add(1)
  expect(worst.ms()).toBe(70)
  worst.add(1)
  expect(worst.ms()).toBe(1)
})
