import { expect, test } from 'vitest'
import { createHistogram } from './statistics.ts'
import { createTally } from './tally.ts'

const tallyOf = (onEverywhere?: (writer: number, n: number) => void) => {
  const latencies = createHistogram()
  const tally = createTally({ clients: 3, writers: 3, width: 10, latencies, ...(onEverywhere && { onEverywhere }) })
  return { tally, latencies }
}

test('a merged message counts as the updates inside it, each with its own latency', () => {
  const { tally, latencies } = tallyOf()
  tally.sent(0, 100)
  tally.sent(0, 103)
  tally.saw(1, 0, 0, 20, 105)
  expect(tally.deliveries()).toBe(2)
  expect(latencies.quantile(0.5)).toBeCloseTo(2.05)
  expect(latencies.quantile(1)).toBeCloseTo(5.05)
})

test('what comes twice, and what a writer gets back of its own, is no delivery', () => {
  const { tally } = tallyOf()
  tally.sent(0, 0)
  tally.sent(0, 0)
  tally.saw(0, 0, 10, 20, 1)
  tally.saw(1, 0, 0, 10, 1)
  tally.saw(1, 0, 0, 10, 2)
  expect(tally.gaps()).toBe(0)
  expect(tally.deliveries()).toBe(1)
  expect([0, 1, 2].map((client) => tally.missing(client))).toEqual([0, 1, 2])
})

test('an update that was left out shows as a gap and stays missing', () => {
  const { tally } = tallyOf()
  tally.sent(0, 0)
  tally.sent(0, 0)
  tally.saw(1, 0, 10, 20, 1)
  expect(tally.gaps()).toBe(1)
  expect(tally.deliveries()).toBe(0)
  expect(tally.missing(1)).toBe(2)
})

test('the writer is told once all others have its update', () => {
  const everywhere: number[][] = []
  const { tally } = tallyOf((writer, n) => everywhere.push([writer, n]))
  tally.sent(2, 0)
  tally.saw(0, 2, 0, 10, 1)
  expect(everywhere).toEqual([])
  tally.saw(1, 2, 0, 10, 1)
  tally.saw(2, 2, 0, 10, 1)
  expect(everywhere).toEqual([[2, 0]])
})
