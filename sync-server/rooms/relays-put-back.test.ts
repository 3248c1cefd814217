import { expect, test } from 'vitest'
import { copyMemoryDisk, createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createRig } from '#testing/wire/relay-rig.ts'
import { enter, nackOf, pushed, shard } from '#testing/wire/relay-scene.ts'
import { wireEntry } from '#testing/wire/root.ts'
import { deafBus, openLog, pass, relays } from './relays-rig.fixture.ts'

test('[MR8] a store that was put back is noticed by those who follow a shard: their history is a fork', async () => {
  const disk = createMemoryDisk()
  const rig = createRig({ bus: deafBus, log: openLog(disk), isShared: true })
  const [a, b] = [await enter(rig), await enter(rig)]
  b.pull(shard)
  await b.expect('head')
  await pushed(a, [wireEntry()])
  await b.until('entries')
  await pass([rig], 2_000)
  const copy = copyMemoryDisk(disk)
  await pushed(a, [wireEntry()], 2)
  await b.until('entries')
  await pass([rig], 2_000)
  disk.roots.clear()
  for (const [id, kept] of copy.roots) disk.roots.set(id, kept)
  await pass([rig], 3_000)
  expect(await nackOf(b)).toBe('fork')
})

test('[MR8] it is noticed also where the store has grown to where it was, or past it, and whoever appended', async () => {
  for (const [more, who] of [
    [1, 'there'],
    [2, 'there'],
    [3, 'there'],
    [1, 'here'],
    [3, 'here']
  ] as const) {
    const disk = createMemoryDisk()
    const log = openLog(disk)
    const rigs = relays({ count: 2, bus: deafBus, log })
    const [here, there] = rigs
    const [a, b, c] = [await enter(here), await enter(here), await enter(there)]
    b.pull(shard)
    await b.expect('head')
    await pushed(a, [wireEntry()])
    await b.until('entries')
    await pass(rigs, 2_000)
    const copy = copyMemoryDisk(disk)
    await pushed(a, [wireEntry()], 2)
    await b.until('entries')
    await pass(rigs, 2_000)
    disk.roots.clear()
    for (const [id, kept] of copy.roots) disk.roots.set(id, kept)
    for (let ref = 3; ref < 3 + more; ref++) await pushed(who === 'here' ? a : c, [wireEntry()], ref)
    await pass(rigs, 3_000)
    expect(await nackOf(b), `${more} more from ${who}`).toBe('fork')
  }
})
