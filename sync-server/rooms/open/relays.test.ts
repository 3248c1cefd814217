import { expect, test } from 'vitest'
import type { RoomName, UpdateLog } from '#server/rooms/open-ports.ts'
import { CALM_BUS } from '#testing/bus.ts'
import { createRandom } from '#testing/random.ts'
import { openRig, type Rig } from './open-rig.fixture.ts'
import { relaysRig } from './relays-rig.fixture.ts'

const pair = (relays: readonly Rig[]): [Rig, Rig] => relays as [Rig, Rig]
const name = 'room' as RoomName

test('[MR1] what one relay takes the others show, with a bus within a moment and without one within a poll', async () => {
  for (const hasBus of [true, false]) {
    const { relays, run } = relaysRig({ hasBus })
    const [one, two] = pair(relays)
    const alice = one.client('room')
    const bob = two.client('room')
    await run(200)
    alice.write('hello')
    await run(hasBus ? 50 : 1_600)
    expect(bob.text()).toBe('hello')
    bob.write(' world')
    await run(hasBus ? 50 : 1_600)
    expect([alice.text(), bob.text()]).toEqual(['hello world', 'hello world'])
  }
})

test('[MR2] a hint brings small rows along: nobody has to read them', async () => {
  const { relays, run, readings } = relaysRig()
  const [one, two] = pair(relays)
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  const before = readings()
  for (let i = 0; i < 20; i++) {
    alice.write(`${i} `)
    await run(20)
  }
  expect(bob.text()).toBe(alice.text())
  expect(readings()).toBe(before)
  alice.write('x'.repeat(10_000))
  await run(50)
  expect(bob.text()).toBe(alice.text())
  expect(readings()).toBeGreaterThan(before)
})

test('[MR3] messages lost, doubled, late and out of order cost time and nothing else', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { relays, run, setWeather } = relaysRig({ relays: 3, seed })
    setWeather({ delayMs: { from: 0, to: 3_000 }, loseChance: 0.3, doubleChance: 0.3 })
    const clients = relays.flatMap((rig) => [rig.client('room'), rig.client('room')])
    const random = createRandom(seed)
    await run(500)
    for (let i = 0; i < 60; i++) {
      random.pick(clients).write(`${i} `)
      await run(random.between(0, 40))
    }
    // Nothing more is said, so what was lost is found by asking the store.
    await run(14_000)
    const texts = new Set(clients.map((client) => client.text()))
    expect([...texts].length, `seed ${seed}`).toBe(1)
    for (let i = 0; i < 60; i++) expect([...texts][0]).toContain(`${i} `)
  }
})

test('[MR4] one question asks for all rooms, seldom while the bus hears, and none where the store is not shared', async () => {
  const asked = async (hears: boolean, seconds: number): Promise<number> => {
    const rig = relaysRig({ relays: 1, hears })
    const [one] = pair(rig.relays)
    for (let i = 0; i < 30; i++) one.client(`room ${i}`)
    await rig.run(200)
    const before = rig.asked()
    await rig.run(seconds * 1_000)
    return rig.asked() - before
  }
  const silent = await asked(false, 60)
  expect(silent).toBeGreaterThanOrEqual(40)
  expect(silent).toBeLessThanOrEqual(90)
  const hearing = await asked(true, 60)
  expect(hearing).toBeGreaterThanOrEqual(4)
  expect(hearing).toBeLessThanOrEqual(9)

  let alone = 0
  const rig = openRig()
  const log: UpdateLog = {
    ...rig.log,
    heads(rooms) {
      alone++
      return rig.log.heads(rooms)
    }
  }
  const single = openRig({ log, scheduler: rig.scheduler })
  single.client('room').write('x')
  await single.run(30_000)
  expect(alone).toBe(0)
})

test('[MR4] nobody here, no question', async () => {
  const { relays, run, asked } = relaysRig({ relays: 1, hears: false })
  const [one] = pair(relays)
  const alice = one.client('room')
  await run(3_000)
  alice.leave()
  await run(3_000)
  const before = asked()
  await run(60_000)
  expect(asked()).toBe(before)
})

test('[MR4] a gap on the bus is a reason to ask at once', async () => {
  const { relays, run } = relaysRig()
  const [one, two] = relays as unknown as [(typeof relays)[0], (typeof relays)[0]]
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  two.bus.cut()
  alice.write('while you were away')
  await run(20)
  expect(bob.text()).toBe('')
  two.bus.heal()
  await run(50)
  expect(bob.text()).toBe('while you were away')
})

test('[MR4] a relay that was cut off says where it stands once it is back: the others had no gap', async () => {
  const { relays, run } = relaysRig()
  const [one, two] = relays as unknown as [(typeof relays)[0], (typeof relays)[0]]
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  one.bus.cut()
  alice.write('while I was away')
  await run(100)
  expect(bob.text()).toBe('')
  one.bus.heal()
  await run(100)
  expect(bob.text()).toBe('while I was away')
})

test('[MR5] an answer holds all that was durable when it was asked for, whatever the bus lost', async () => {
  const { relays, run, setWeather } = relaysRig()
  const [one, two] = pair(relays)
  const keeper = two.client('room')
  const alice = one.client('room')
  await run(200)
  setWeather({ ...CALM_BUS, loseChance: 1 })
  alice.write('shown at the one relay')
  await run(20)
  expect(keeper.text()).toBe('')
  const late = two.client('room')
  await run(10)
  expect([late.synced, late.text()]).toEqual([1, 'shown at the one relay'])
  expect(keeper.text()).toBe('shown at the one relay')
})

test('[MR5] those who ask at the same time share a question', async () => {
  const { relays, run, asked } = relaysRig()
  const [, two] = pair(relays)
  two.client('room')
  await run(200)
  const before = asked()
  const clients = Array.from({ length: 50 }, (_, i) => two.client(`room ${i % 5}`))
  await run(20)
  expect(clients.every(({ synced }) => synced === 1)).toBe(true)
  expect(asked() - before).toBeLessThanOrEqual(5)
})

test('[MR5] where the store does not say, nobody is told to be synced', async () => {
  let fails = false
  const { relays, run } = relaysRig({
    log: (log) => ({
      ...log,
      heads: async (rooms) => (fails ? { ok: false, error: { kind: 'store', reason: 'away' } } : log.heads(rooms))
    })
  })
  const [one] = pair(relays)
  one.client('room')
  await run(200)
  fails = true
  const late = one.client('room')
  await run(50)
  expect([late.synced, late.socket.closedWith]).toEqual([0, 4503])
})

test('[MR6] a base that another relay rewrote takes its place without a word, and answers go on', async () => {
  const { relays, run, disk } = relaysRig({ limits: { tailRows: 6 } })
  const [one, two] = pair(relays)
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  const edit = async (rows: number): Promise<void> => {
    for (let i = 0; i < rows; i++) {
      alice.write(`${i} `)
      if (i % 3 === 0) alice.doc.getText('text').delete(0, 1)
      await run(20)
    }
  }
  await edit(9)
  expect(disk.rooms.get(name)?.base?.upto).toBeGreaterThan(0)
  expect([one.relay.counters.rebuilds > 0, two.relay.counters.rebuilds]).toEqual([true, 0])
  expect(bob.text()).toBe(alice.text())
  const told = bob.socket.received.length
  const carol = two.client('room')
  await run(50)
  expect([carol.text(), carol.synced]).toEqual([alice.text(), 1])
  // Only presence's silence aside, nobody else was answered anew.
  expect(bob.socket.received.length).toBe(told)
  expect(two.news).toEqual([])
})

test('[MR6] rows that were rewritten before they were read reach those in the room, as updates', async () => {
  const { relays, run, setWeather, disk } = relaysRig({ limits: { tailRows: 4 } })
  const [one, two] = pair(relays)
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  setWeather({ ...CALM_BUS, loseChance: 1 })
  for (let i = 0; i < 9; i++) {
    alice.write(`${i} `)
    await run(20)
  }
  expect(disk.rooms.get(name)?.base?.upto).toBeGreaterThan(0)
  expect(bob.text()).toBe('')
  const { synced } = bob
  await run(14_000)
  expect(bob.text()).toBe(alice.text())
  expect(bob.synced).toBe(synced)
})

test('[MR7] one relay rewrites a base: the one that appended last, or another that saw nothing happen', async () => {
  const { relays, run } = relaysRig({ relays: 3, limits: { tailRows: 6 } })
  const clients = relays.map((rig) => rig.client('room'))
  await run(200)
  for (let i = 0; i < 40; i++) {
    clients[0]?.write(`${i} `)
    await run(20)
  }
  await run(10_000)
  const rebuilds = relays.map(({ relay }) => relay.counters.rebuilds)
  expect(rebuilds[0]).toBeGreaterThan(3)
  expect(rebuilds.slice(1)).toEqual([0, 0])
  expect(relays.flatMap(({ news }) => news)).toEqual([])
})

test('[MR7] a relay that wrote and died leaves the rewriting to those who are there', async () => {
  const { relays, run, disk } = relaysRig({ limits: { tailRows: 6 } })
  const [one, two] = pair(relays)
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  for (let i = 0; i < 6; i++) {
    alice.write(`${i} `)
    await run(20)
  }
  alice.write('the last')
  // It is stored and told, and then nothing more.
  await run(15)
  one.relay.halt()
  await run(10_000)
  expect(bob.text()).toBe(alice.text())
  expect(disk.rooms.get(name)?.base?.upto).toBe(7)
})

test('[MR7] many relays that write and rewrite at once end with one document and no failure', async () => {
  for (const seed of [11, 12, 13, 14, 15, 16]) {
    const { relays, run, disk } = relaysRig({ relays: 3, seed, limits: { tailRows: 5 } })
    const clients = relays.map((rig) => rig.client('room'))
    const random = createRandom(seed)
    await run(200)
    for (let i = 0; i < 80; i++) {
      random.pick(clients).write(`${i} `)
      await run(random.between(0, 12))
    }
    await run(20_000)
    const late = (relays[1] as Rig).client('room')
    await run(100)
    expect(new Set([...clients, late].map((client) => client.text())).size, `seed ${seed}`).toBe(1)
    for (let i = 0; i < 80; i++) expect(late.text()).toContain(`${i} `)
    expect(disk.rooms.get(name)?.base?.upto).toBeGreaterThan(0)
    expect(late.socket.closedWith).toBeUndefined()
  }
})

test('[MR8] a store that was put back gets again what those in the room still hold', async () => {
  const { relays, run, disk } = relaysRig()
  const [one, two] = pair(relays)
  const alice = one.client('room')
  const bob = two.client('room')
  await run(200)
  alice.write('kept ')
  await run(50)
  const before = disk.rooms.get(name)
  const copy = before && { ...before, rows: [...before.rows] }
  alice.write('lost')
  await run(50)
  expect(bob.text()).toBe('kept lost')
  if (copy !== undefined) disk.rooms.set(name, copy)
  await run(13_000)
  const late = two.client('room')
  await run(100)
  expect(late.text()).toBe('kept lost')
})
