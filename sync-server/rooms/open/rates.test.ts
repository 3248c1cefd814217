import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { OPEN_LIMITS } from './open-limits.ts'
import { openRig } from './open-rig.fixture.ts'
import { createTestSocket } from './test-socket.fixture.ts'

const limits = { roomUpdatesBurst: 100, roomUpdatesPerSecond: 50, roomBytesBurst: 1e9, roomBytesPerSecond: 1e9 }
const WRITERS = 10

test('[OR24] a room takes so much and no more, however many sockets bring it: who floods is closed, who types goes on', async () => {
  const rig = openRig({ limits })
  const typing = rig.client('room')
  const flood = Array.from({ length: WRITERS - 1 }, () => rig.client('room'))
  const elsewhere = rig.client('another')
  await rig.run()
  // Each well within what a socket may send.
  for (let i = 0; i < 40; i++) for (const client of flood) client.write('x')
  typing.write('A')
  elsewhere.write('B')
  await rig.run()
  expect(flood.map(({ socket }) => socket.closedWith)).toEqual(flood.map(() => 4529))
  expect([typing.socket.closedWith, elsewhere.socket.closedWith]).toEqual([undefined, undefined])
  const taken = rig.relay.counters.committedUpdates - 2
  expect(taken).toBeGreaterThanOrEqual(limits.roomUpdatesBurst)
  expect(taken).toBeLessThanOrEqual(limits.roomUpdatesBurst + limits.roomUpdatesPerSecond)
  const [late] = [rig.client('room')]
  await rig.run()
  expect([...late.text()].filter((letter) => letter === 'x').length).toBe(taken)
  expect(late.text()).toContain('A')

  // What was not taken is in the writer's own document: it comes back with it.
  const [first] = flood
  if (first === undefined) return
  await rig.run(10_000)
  const again = rig.client('room', { doc: first.doc })
  await rig.run()
  expect(again.socket.closedWith).toBeUndefined()
  expect(late.text().length).toBeGreaterThan(taken + 1)
  expect(late.text()).toBe(again.text())
})

test('[OR24] coming back on new sockets takes a room no further', async () => {
  const rig = openRig({ limits })
  for (let round = 0; round < 60; round++) {
    const client = rig.client('room')
    await rig.run(2)
    for (let i = 0; i < 20; i++) client.write('x')
    await rig.run(2)
    client.leave()
  }
  const seconds = 1 + rig.scheduler.now() / 1_000
  const most = limits.roomUpdatesBurst + seconds * limits.roomUpdatesPerSecond
  expect(rig.relay.counters.committedUpdates).toBeLessThanOrEqual(most)
  expect(rig.relay.counters.committedUpdates).toBeGreaterThanOrEqual(limits.roomUpdatesBurst)
})

test('[OR24] bytes are counted as updates are, and both come back with time', async () => {
  const rig = openRig({ limits: { roomBytesBurst: 10_000, roomBytesPerSecond: 1_000 } })
  const alice = rig.client('room')
  await rig.run()
  for (let i = 0; i < 3; i++) {
    alice.write('x'.repeat(4_000))
    await rig.run(20)
  }
  expect(alice.socket.closedWith).toBe(4529)
  const length = alice.text().length
  expect(length).toBe(12_000)
  const early = rig.client('room', { doc: alice.doc })
  await rig.run(50)
  expect(early.socket.closedWith).toBe(4529)
  await rig.run(5_000)
  const late = rig.client('room', { doc: alice.doc })
  const reader = rig.client('room')
  await rig.run()
  expect([late.socket.closedWith, reader.text().length]).toEqual([undefined, length])
})

test('[OR24] reading, presence and what holds nothing cost a room nothing of it', async () => {
  const rig = openRig({ limits: { ...limits, roomUpdatesBurst: 1, roomUpdatesPerSecond: 1 } })
  const alice = rig.client('room', { isPresent: true })
  await rig.run()
  alice.write('one')
  await rig.run()
  const readers = Array.from({ length: 30 }, () => rig.client('room', { isPresent: true }))
  await rig.run(300)
  for (const { socket, doc } of [alice, ...readers])
    expect([socket.closedWith, doc.getText('text').toString()]).toEqual([undefined, 'one'])
  expect(Y.encodeStateVector(alice.doc).byteLength).toBeGreaterThan(1)
})

test('[OR25] an address opens so many rooms that nobody is in, and as many again in a minute; rooms with somebody in them are free', async () => {
  const rig = openRig({ limits: { openingsPerAddress: 6 } })
  const dial = (path: string, address: string): number | undefined => {
    const socket = createTestSocket()
    rig.connect(socket, { path, address })
    return socket.closedWith
  }
  const dials = (count: number, from: string, address: string): (number | undefined)[] =>
    Array.from({ length: count }, (_, i) => dial(`${from}${i}`, address))
  expect(dials(8, 'a', 'one')).toEqual([...Array(6).fill(undefined), 4529, 4529])
  await rig.run()
  expect(rig.relay.counters.rooms).toBe(6)
  // Where somebody is, and for somebody else.
  expect([dial('a0', 'one'), dial('b', 'two')]).toEqual([undefined, undefined])
  await rig.run(20_000)
  expect(dials(3, 'c', 'one')).toEqual([undefined, undefined, 4529])
  await rig.run(60_000)
  expect(dials(8, 'd', 'one')).toEqual([...Array(6).fill(undefined), 4529, 4529])
})

test('[OR24] one socket alone cannot use up a room', () => {
  expect(OPEN_LIMITS.roomUpdatesPerSecond).toBeGreaterThan(OPEN_LIMITS.messagesPerSecond)
  expect(OPEN_LIMITS.roomUpdatesBurst).toBeGreaterThan(OPEN_LIMITS.messagesBurst)
  expect(OPEN_LIMITS.roomBytesPerSecond).toBeGreaterThan(OPEN_LIMITS.bytesPerSecond)
  expect(OPEN_LIMITS.roomBytesBurst).toBeGreaterThan(OPEN_LIMITS.bytesBurst)
})
