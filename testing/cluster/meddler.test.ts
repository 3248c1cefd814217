import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRandom } from '#testing/random.ts'
import { natsFraming } from './framing.ts'
import { createMeddler, type Mischief } from './meddler.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Numbers as messages, in pieces that fall anywhere. @returns what arrived, and of what was no message how much */
const send = (count: number, mischief: Omit<Mischief, 'random'> | undefined, seed = 3) => {
  const meddler = createMeddler({ back: natsFraming })
  const random = createRandom(seed)
  meddler.become(mischief && { random, ...mischief })
  const heard: string[] = []
  const take = meddler.meddle('back', (bytes) => heard.push(bytes.toString()))
  const text = Array.from({ length: count }, (_, n) => `PING\r\nMSG a 1 4\r\n${1_000 + n}\r\n`).join('')
  for (let rest = Buffer.from(text); rest.byteLength > 0; ) {
    const size = random.between(1, 40)
    take(rest.subarray(0, size))
    rest = rest.subarray(size)
    vi.advanceTimersByTime(1)
  }
  vi.runAllTimers()
  const numbers = heard.filter((each) => each.startsWith('MSG')).map((each) => Number(each.slice(11)) - 1_000)
  return { numbers, pings: heard.filter((each) => each === 'PING\r\n').length, counts: meddler.counts }
}

const range = Array.from({ length: 500 }, (_, n) => n)
const none = { lose: 0, double: 0, delay: 0, delayMs: [0, 0] } as const

test('who means no harm passes on everything in order', () => {
  expect(send(500, undefined)).toMatchObject({ numbers: range, pings: 500 })
  expect(send(500, none)).toMatchObject({ numbers: range, pings: 500, counts: { passed: 500 } })
})

test('lost messages are gone, and nothing else is', () => {
  const { numbers, pings, counts } = send(500, { ...none, lose: 0.3 })
  expect(counts.lost).toBeGreaterThan(100)
  expect(numbers).toHaveLength(500 - counts.lost)
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  expect(pings).toBe(500)
})

test('doubled messages come once more', () => {
  const { numbers, counts } = send(500, { ...none, double: 0.3, delayMs: [1, 9] })
  expect(counts.doubled).toBeGreaterThan(100)
  expect(numbers).toHaveLength(500 + counts.doubled)
  expect(new Set(numbers)).toEqual(new Set(range))
})

test('late messages are passed by later ones, and come', () => {
  const { numbers, counts } = send(500, { ...none, delay: 0.3, delayMs: [0, 9] })
  expect(counts.overtaken).toBeGreaterThan(50)
  expect(counts.overtaken).toBeLessThanOrEqual(counts.late)
  expect(numbers).not.toEqual(range)
  expect(numbers.toSorted((a, b) => a - b)).toEqual(range)
})

test('what goes a way that it cannot read is passed on as it comes', () => {
  const heard: string[] = []
  const meddler = createMeddler({ back: natsFraming })
  meddler.become({ ...none, lose: 1, random: createRandom(1) })
  meddler.meddle('there', (bytes) => heard.push(bytes.toString()))(Buffer.from('half a li'))
  expect(heard).toEqual(['half a li'])
})

test('the same seed does the same', () => {
  const mischief = { lose: 0.2, double: 0.2, delay: 0.2, delayMs: [0, 9] } as const
  expect(send(200, mischief, 5)).toEqual(send(200, mischief, 5))
  expect(send(200, mischief, 5)).not.toEqual(send(200, mischief, 6))
})
