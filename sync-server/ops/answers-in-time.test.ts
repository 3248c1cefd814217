import { expect, test, vi } from 'vitest'
import { createProbe } from './answers-in-time.ts'

test('what fails or hangs is not well, and a hanging one is not asked again and again', async () => {
  vi.useFakeTimers()
  let asked = 0
  let answer: (() => void) | undefined
  const probe = createProbe(() => {
    asked++
    return new Promise<void>((resolve) => {
      answer = resolve
    })
  }, 800)
  const many = Promise.all([probe(), probe(), probe()])
  await vi.advanceTimersByTimeAsync(800)
  expect(await many).toEqual([false, false, false])
  const late = probe()
  expect(asked).toBe(1)
  answer?.()
  expect(await late).toBe(true)
  const next = probe()
  expect(asked).toBe(2)
  answer?.()
  expect(await next).toBe(true)
  expect(await createProbe(() => Promise.reject(new Error('disk')), 800)()).toBe(false)
  vi.useRealTimers()
})
