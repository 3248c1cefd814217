import { expect, test } from 'vitest'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { openRig } from './open-rig.fixture.ts'

/** A store whose answers wait until the test lets them go. */
const slowStore = () => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const waiting: (() => void)[] = []
  let isSlow = false
  const wait = async (): Promise<void> => {
    if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return {
    disk,
    log: {
      ...log,
      load: async (...args: Parameters<typeof log.load>) => {
        await wait()
        return log.load(...args)
      },
      append: async (...args: Parameters<typeof log.append>) => {
        await wait()
        return log.append(...args)
      }
    },
    slow: (value: boolean) => {
      isSlow = value
      if (!value) for (const each of waiting.splice(0)) each()
    }
  }
}

test('[OR19] a room that everybody left during a commit is kept until that is over, and found whole', async () => {
  for (const comesBack of [false, true]) {
    const store = slowStore()
    const rig = openRig(store)
    const alice = rig.client('room')
    await rig.run()
    store.slow(true)
    alice.write('hello')
    await rig.run(20)
    alice.leave()
    await rig.run(20)
    expect(rig.relay.counters.rooms).toBe(1)
    const bob = comesBack ? rig.client('room') : undefined
    await rig.run(20)
    store.slow(false)
    await rig.run()
    expect(rig.relay.counters.rooms).toBe(comesBack ? 1 : 0)
    const late = bob ?? rig.client('room')
    await rig.run()
    expect(late.text()).toBe('hello')
  }
})

test('[OR27] what was said before the line ended counts, also where the room was still loading', async () => {
  const store = slowStore()
  const rig = openRig(store)
  store.slow(true)
  const alice = rig.client('room')
  await rig.run(20)
  alice.write('said and gone')
  await rig.run(20)
  alice.leave()
  await rig.run(20)
  expect(rig.relay.counters.waitingBytes).toBeGreaterThan(0)
  store.slow(false)
  await rig.run()
  expect(rig.relay.counters).toMatchObject({ waitingBytes: 0, rooms: 0 })
  const late = rig.client('room')
  await rig.run()
  expect(late.text()).toBe('said and gone')
})

test('[OR19] who leaves and comes back while a room is loading finds it', async () => {
  const store = slowStore()
  const rig = openRig(store)
  const alice = rig.client('room')
  alice.write('hello')
  await rig.run()
  alice.leave()
  await rig.run()
  store.slow(true)
  const first = rig.client('room')
  await rig.run(20)
  first.write('early ')
  first.leave()
  const second = rig.client('room')
  await rig.run(20)
  second.write('soon ')
  store.slow(false)
  await rig.run()
  expect(second.synced).toBe(1)
  expect(second.text()).toContain('hello')
  const third = rig.client('room')
  await rig.run()
  expect(third.text()).toBe(second.text())
})

test('[OR19] nothing is left of a thousand rooms once all have gone', async () => {
  const rig = openRig()
  const clients = Array.from({ length: 1_000 }, (_, index) => rig.client(`room ${index}`, { address: `${index}` }))
  for (const each of clients) each.write('hello')
  await rig.run()
  expect(rig.relay.counters).toMatchObject({ rooms: 1_000, connections: 1_000 })
  for (const each of clients) each.leave()
  await rig.run(2_000)
  expect(rig.relay.counters).toMatchObject({ rooms: 0, connections: 0, recentBytes: 0, queuedBytes: 0, oldestAt: 0 })
})

test('[OR26] a drain takes no newcomers, commits what was taken and sends everybody away over time', async () => {
  const store = slowStore()
  const rig = openRig(store)
  const clients = Array.from({ length: 100 }, () => rig.client('room'))
  await rig.run()
  store.slow(true)
  clients[0]?.write('hello')
  await rig.run(1)
  let isDone = false
  void rig.relay.drain().then(() => {
    isDone = true
  })
  expect(rig.client('room').socket.closedWith).toBe(1001)
  await rig.run(500)
  const gone = clients.filter(({ socket }) => socket.closedWith === 1001).length
  expect(gone).toBeGreaterThan(10)
  expect(gone).toBeLessThan(60)
  await rig.run(3_000)
  expect(isDone).toBe(false)
  store.slow(false)
  await rig.run()
  expect(isDone).toBe(true)
  const next = openRig(store).client('room')
  expect(next.socket.closedWith).toBeUndefined()
})

test('two relays over one store show each other what they take', async () => {
  const scheduler = createScheduler()
  const on = createMemoryBus()
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const origin = (from: number) => ({ random: (bytes: number) => new Uint8Array(bytes).fill(from) })
  const one = openRig({ scheduler, on, log, isShared: true, limits: { tailRows: 6 }, ...origin(1) })
  const two = openRig({ scheduler, on, log, isShared: true, limits: { tailRows: 9 }, ...origin(2) })
  const alice = one.client('room')
  const bob = two.client('room')
  await one.run()
  for (let i = 0; i < 40; i++) {
    if (i % 2 === 0) alice.write(`a${i} `)
    if (i % 3 === 0) bob.write(`b${i} `)
    if (i % 7 === 0) alice.doc.getText('text').delete(0, 2)
    await one.run(10)
  }
  await one.run(2_000)
  expect(alice.text()).toBe(bob.text())
  const late = two.client('room')
  await one.run()
  expect(late.text()).toBe(alice.text())
  expect(one.relay.counters.rebuilds + two.relay.counters.rebuilds).toBeGreaterThan(2)
})

test('a relay that is the only one reads a room once, and one among several looks again for what came meanwhile', async () => {
  for (const isShared of [false, true]) {
    const store = slowStore()
    const before = openRig(store)
    before.client('room').write('kept')
    await before.run()
    let reads = 0
    const readAfter: typeof store.log.readAfter = (...args) => {
      reads++
      return store.log.readAfter(...args)
    }
    const rig = openRig({ ...store, log: { ...store.log, readAfter }, isShared })
    const alice = rig.client('room')
    await rig.run()
    expect(alice.text()).toBe('kept')
    expect(reads).toBe(isShared ? 2 : 1)
  }
})
