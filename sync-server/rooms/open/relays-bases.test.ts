import { expect, test } from 'vitest'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { CALM_BUS } from '#testing/bus.ts'
import { createRandom } from '#testing/random.ts'
import { aliceAndBob, relaysRig } from './relays-rig.fixture.ts'

const name = 'room' as RoomName

test('[MR6] a base that another relay rewrote takes its place without a word, and answers go on', async () => {
  const { one, two, alice, bob, run, disk } = await aliceAndBob({ limits: { tailRows: 6 } })
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
  const { alice, bob, run, setWeather, disk } = await aliceAndBob({ limits: { tailRows: 4 } })
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
  const { one, alice, bob, run, disk } = await aliceAndBob({ limits: { tailRows: 6 } })
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
    const { relays, two, run, disk } = relaysRig({ relays: 3, seed, limits: { tailRows: 5 } })
    const clients = relays.map((rig) => rig.client('room'))
    const random = createRandom(seed)
    await run(200)
    for (let i = 0; i < 80; i++) {
      random.pick(clients).write(`${i} `)
      await run(random.between(0, 12))
    }
    await run(20_000)
    const late = two.client('room')
    await run(100)
    expect(new Set([...clients, late].map((client) => client.text())).size, `seed ${seed}`).toBe(1)
    for (let i = 0; i < 80; i++) expect(late.text()).toContain(`${i} `)
    expect(disk.rooms.get(name)?.base?.upto).toBeGreaterThan(0)
    expect(late.socket.closedWith).toBeUndefined()
  }
})
