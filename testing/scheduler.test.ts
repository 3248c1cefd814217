import { expect, test } from 'vitest'
import { createScheduler } from './scheduler.ts'

test('events run in order of their moment, then of their making, each after the one before has come to rest', async () => {
  const scheduler = createScheduler()
  const seen: string[] = []
  const slow = async (name: string): Promise<void> => {
    seen.push(`${name} begins`)
    for (let i = 0; i < 50; i++) await null
    seen.push(`${name} ends`)
  }
  scheduler.after(20, 'late', () => slow('late'))
  scheduler.after(10, 'first', () => slow('first'))
  scheduler.after(10, 'second', () =>
    scheduler.track(new Promise<void>((done) => setTimeout(done, 2))).then(() => seen.push('second'))
  )
  const cancel = scheduler.after(15, 'never', () => seen.push('never'))
  cancel()
  await scheduler.runUntil(1_000)
  expect(seen).toEqual(['first begins', 'first ends', 'second', 'late begins', 'late ends'])
  expect(scheduler.now()).toBe(1_000)
})

test('a thousand timers made in any order come out sorted', async () => {
  const scheduler = createScheduler()
  const seen: number[] = []
  for (let i = 0; i < 1_000; i++) {
    const at = (i * 7_919) % 1_009
    scheduler.after(at, '', () => seen.push(scheduler.now()))
  }
  expect(await scheduler.runWhile(() => seen.length < 1_000, 2_000)).toBe(true)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
})
