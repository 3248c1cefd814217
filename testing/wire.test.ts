import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { createScheduler } from './scheduler.ts'
import { createWire, type WireWeather } from './wire.ts'

const CALM: WireWeather = { delayMs: { from: 1, to: 90 }, cutChance: 0, repeatChance: 0 }

const wireIn = (weather: WireWeather, seed = 1) => {
  const scheduler = createScheduler()
  const heard: string[] = []
  const wire = createWire({ scheduler, random: createRandom(seed), weather: () => weather, name: 'wire' })
  for (const [side, end] of [
    ['device', wire.device],
    ['relay', wire.relay]
  ] as const) {
    end.hear.message = (bytes) => heard.push(`${side} ${bytes[0]}`)
    end.hear.closed = (code) => heard.push(`${side} closed ${code}`)
  }
  return { scheduler, wire, heard }
}

test('messages arrive in the order they were sent, however long each takes', async () => {
  const { scheduler, wire, heard } = wireIn(CALM)
  for (let i = 0; i < 20; i++) wire.device.send(Uint8Array.of(i))
  expect(wire.device.buffered()).toBe(20)
  await scheduler.runUntil(10_000)
  expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `relay ${i}`))
  expect(wire.device.buffered()).toBe(0)
})

test('a cut loses what is in flight and tells both sides', async () => {
  const { scheduler, wire, heard } = wireIn(CALM)
  wire.device.send(Uint8Array.of(1))
  wire.cut()
  wire.device.send(Uint8Array.of(2))
  await scheduler.runUntil(10_000)
  expect(heard.sort()).toEqual(['device closed 1006', 'relay closed 1006'])
})

test('a goodbye arrives after what was said before it', async () => {
  const { scheduler, wire, heard } = wireIn(CALM)
  wire.relay.send(Uint8Array.of(7))
  wire.relay.close(1001, 'restart')
  await scheduler.runUntil(10_000)
  expect(heard).toEqual(['device 7', 'device closed 1001'])
})

test('the same seed cuts and repeats the same messages', async () => {
  const run = async (seed: number) => {
    const { scheduler, wire, heard } = wireIn({ ...CALM, cutChance: 0.05, repeatChance: 0.2 }, seed)
    for (let i = 0; i < 20; i++) wire.device.send(Uint8Array.of(i))
    await scheduler.runUntil(10_000)
    return heard
  }
  expect(await run(3)).toEqual(await run(3))
  const all = await Promise.all([1, 2, 3, 4, 5, 6].map(run))
  expect(all.some((heard) => heard.includes('relay closed 1006'))).toBe(true)
  expect(all.some((heard) => heard.some((line, i) => line === heard[i + 1]))).toBe(true)
})
