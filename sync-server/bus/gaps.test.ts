import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type BusNews, createBusCounters } from './bus-parts.ts'
import { createGaps } from './gaps.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('[BU18] a gap is told at once, then at most once a second, and the last is never forgotten', () => {
  const counters = createBusCounters()
  const gaps = createGaps(counters, () => {})
  let told = 0
  const stop = gaps.onGap(() => told++)
  gaps.tell()
  expect(told).toBe(1)
  for (let i = 0; i < 10; i++) gaps.tell()
  vi.advanceTimersByTime(999)
  expect(told).toBe(1)
  vi.advanceTimersByTime(1)
  expect(told).toBe(2)
  vi.advanceTimersByTime(10_000)
  expect(told).toBe(2)
  gaps.tell()
  expect(told).toBe(3)
  stop()
  gaps.tell()
  vi.advanceTimersByTime(10_000)
  expect(told).toBe(3)
  expect(counters.gaps).toBe(4)
})

test('[BU18] one that throws keeps no other from being told; none is told after the end', () => {
  const news: BusNews[] = []
  const gaps = createGaps(createBusCounters(), (each) => news.push(each))
  let told = 0
  gaps.onGap(() => {
    throw new Error('mine')
  })
  gaps.onGap(() => told++)
  gaps.tell()
  gaps.tell()
  gaps.close()
  vi.advanceTimersByTime(10_000)
  expect(told).toBe(1)
  expect(news).toEqual([{ kind: 'listener-failed', reason: 'mine' }])
})
