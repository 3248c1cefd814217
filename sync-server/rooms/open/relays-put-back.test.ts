import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createRandom } from '#testing/random.ts'
import { aliceAndBob, relaysRig } from './relays-rig.fixture.ts'

const name = 'room' as RoomName

/** @returns puts the room back as it is now */
const copyOf = ({ rooms }: MemoryRoomDisk): (() => void) => {
  const kept = rooms.get(name)
  const copy = kept && { ...kept, rows: [...kept.rows] }
  return () => {
    if (copy === undefined) rooms.delete(name)
    else rooms.set(name, copy)
  }
}

test('[MR8] a store that was put back gets again what those in the room still hold', async () => {
  const { two, alice, bob, run, disk } = await aliceAndBob()
  alice.write('kept ')
  await run(50)
  const putBack = copyOf(disk)
  alice.write('lost')
  await run(50)
  expect(bob.text()).toBe('kept lost')
  putBack()
  await run(13_000)
  const late = two.client('room')
  await run(100)
  expect(late.text()).toBe('kept lost')
})

test('[MR8] a store that was put back and grew past where it was loses nothing and hides nothing from those who only look on', async () => {
  for (const hasBus of [true, false]) {
    const { one, two, alice, bob: across, run, disk } = await aliceAndBob({ hasBus })
    const beside = one.client('room')
    await run(200)
    alice.write('kept ')
    await run(1_600)
    const putBack = copyOf(disk)
    for (const word of ['some ', 'that ', 'is ', 'lost ']) {
      alice.write(word)
      await run(20)
    }
    await run(1_600)
    expect(across.text()).toBe('kept some that is lost ')
    putBack()
    for (let i = 0; i < 6; i++) {
      alice.write(`${i} `)
      await run(10)
    }
    expect(disk.rooms.get(name)?.head).toBeGreaterThan(5)
    await run(14_000)
    const late = two.client('room')
    await run(100)
    const texts = [alice, beside, across, late].map((client) => client.text())
    expect(texts, `bus: ${hasBus}`).toEqual(Array(4).fill('kept some that is lost 0 1 2 3 4 5 '))
  }
})

test('[MR8] put back to any older copy at any moment, in any weather, with bases rewritten meanwhile', async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const random = createRandom(seed)
    const { relays, two, run, setWeather, disk } = relaysRig({
      relays: 3,
      seed,
      limits: { tailRows: 6 },
      hasBus: seed % 5 > 0
    })
    if (seed % 2 === 0) setWeather({ delayMs: { from: 0, to: 800 }, loseChance: 0.2, doubleChance: 0.2 })
    const clients = relays.flatMap((rig) => [rig.client('room'), rig.client('room')])
    const writers = clients.filter((_, index) => index % 2 === 0)
    await run(2_000)
    let written = 0
    const write = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const writer = random.pick(writers)
        if (random.chance(0.2) && writer.text().length > 0) writer.doc.getText('text').delete(0, 1)
        writer.write(`[${written++}]`)
        await run(random.between(0, 30))
      }
    }
    await write(random.between(1, 15))
    const putBack = copyOf(disk)
    await write(random.between(1, 15))
    // What nobody was shown is nobody's to give back.
    await run(14_000)
    putBack()
    await write(random.between(0, 40))
    await run(30_000)
    const late = two.client('room')
    await run(200)
    const all = [...clients, late]
    expect(new Set(all.map((client) => client.text())).size, `seed ${seed}`).toBe(1)
    const states = all.map(({ doc }) => JSON.stringify([...Y.decodeStateVector(Y.encodeStateVector(doc))].sort()))
    expect(new Set(states).size, `seed ${seed}`).toBe(1)
    expect(all.filter(({ socket }) => socket.closedWith !== undefined).length, `seed ${seed}`).toBe(0)
  }
})

test('[MR8] who had not read when the store went back is given what came in the place of what was lost', async () => {
  const { one, alice, bob, run, disk } = await aliceAndBob({ limits: { bufferBytes: 2_000 } })
  const carol = one.client('room')
  alice.write('kept ')
  await run(50)
  const putBack = copyOf(disk)
  bob.socket.isStalled = true
  for (let i = 0; i < 8; i++) {
    alice.write('x'.repeat(700))
    await run(20)
  }
  putBack()
  for (let i = 0; i < 12; i++) {
    carol.write(`${i} `)
    await run(20)
  }
  await run(14_000)
  bob.read()
  await run(200)
  expect(bob.text()).toBe(carol.text())
  expect(bob.text()).toBe(alice.text())
  expect(bob.socket.closedWith).toBeUndefined()
})
