import { expect, test } from 'vitest'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { Bus, EntryLog } from '#server/rooms/ports.ts'
import { createRig } from '#testing/wire/relay-rig.ts'
import { enter, pushed, shard } from '#testing/wire/relay-scene.ts'
import { wireEntry, wireShard } from '#testing/wire/root.ts'
import { deafBus, openLog, pass } from './relays-rig.fixture.ts'

test('[MR4] one question asks for all shards that somebody follows, and none is asked where nobody is', async () => {
  const log = openLog()
  const asked: number[] = []
  const counting: EntryLog = {
    ...log,
    heads(refs) {
      asked.push(refs.length)
      return log.heads(refs)
    }
  }
  const rig = createRig({ bus: deafBus, log: counting, isShared: true })
  const a = await enter(rig)
  for (let n = 0; n < 5; n++) a.pull(wireShard(n))
  await rig.settle()
  await pass([rig], 10_000)
  // This clock moves by a second: a wait of a little more takes two.
  expect(asked.length).toBeGreaterThanOrEqual(5)
  expect(asked.length).toBeLessThanOrEqual(11)
  expect(new Set(asked)).toEqual(new Set([5]))
  a.close()
  await rig.settle()
  const before = asked.length
  await pass([rig], 30_000)
  expect(asked.length).toBe(before)
})

test('[MR4] a relay that was cut off says where it stands once it is back: the others had no gap', async () => {
  const inner = createMemoryBus()
  let isCut = false
  let back: () => void = () => {}
  const bus: Bus = {
    ...inner,
    publish: (topic, message) => isCut || inner.publish(topic, message),
    hears: () => true,
    onGap(run) {
      const before = back
      back = () => {
        before()
        run()
      }
      return () => {}
    }
  }
  const log = openLog()
  const here = createRig({ bus, log, isShared: true })
  const there = createRig({ bus: { ...inner, hears: () => true }, log, isShared: true })
  const [a, b] = [await enter(here), await enter(there)]
  for (const wire of [a, b]) {
    wire.pull(shard)
    await wire.until('head')
  }
  isCut = true
  const entry = wireEntry()
  await pushed(a, [entry])
  await there.settle()
  expect(b.waiting().filter(({ type }) => type === 'entries')).toEqual([])
  isCut = false
  back()
  await there.settle()
  expect((await b.until('entries')).items).toEqual([{ kind: 'entry', bytes: entry }])
})

test('[MR4] a relay that alone does not reach the bus is soon listened for', async () => {
  const log = openLog()
  const here = createRig({ bus: deafBus, log, isShared: true })
  const there = createRig({ bus: { ...deafBus, hears: () => true }, log, isShared: true })
  const rigs = [here, there]
  const [a, b] = [await enter(here), await enter(there)]
  b.pull(shard)
  await b.expect('head')
  await pushed(a, [wireEntry()])
  await pass(rigs, 13_000)
  await b.expect('entries')
  for (let ref = 2; ref < 5; ref++) {
    await pass(rigs, 10_000)
    await pushed(a, [wireEntry()], ref)
    await pass(rigs, 3_000)
    await b.expect('entries')
  }
})
