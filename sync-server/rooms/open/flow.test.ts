import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { decodePresences, encodePresences } from '#server/protocol/open/awareness.ts'
import { encodeStep1, encodeUpdate } from '#server/protocol/open/messages.ts'
import { openRig } from './open-rig.fixture.ts'
import { createTestSocket } from './test-socket.fixture.ts'

const limits = { bufferBytes: 2_000, tailRows: 20 }

test('[OR18] a client that does not read is no longer pushed to, and gets what it missed once it has', async () => {
  for (const rows of [3, 60]) {
    const rig = openRig({ limits })
    const alice = rig.client('room', { isPresent: true })
    const bob = rig.client('room', { isPresent: true })
    await rig.run(1_000)
    bob.socket.isStalled = true
    for (let i = 0; i < 5; i++) {
      alice.write('x'.repeat(700))
      await rig.run(20)
    }
    expect(rig.relay.counters.behind).toBe(1)
    const { waiting } = bob.socket
    expect(waiting).toBeLessThan(4_000)
    for (let i = 0; i < rows; i++) {
      alice.write(`${i} `)
      alice.doc.getText('text').delete(0, 1)
      await rig.run(20)
    }
    await rig.run(1_000)
    expect(bob.socket.waiting).toBe(waiting)
    bob.read()
    await rig.run()
    expect(bob.text()).toBe(alice.text())
    alice.write('and on')
    await rig.run()
    expect(bob.text()).toBe(alice.text())
    expect(rig.relay.counters.behind).toBe(0)
    expect(bob.socket.closedWith).toBeUndefined()
  }
})

test('[OR18] an answer that is asked for while a client does not read waits until it does', async () => {
  const rig = openRig({ limits })
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  bob.socket.isStalled = true
  for (let i = 0; i < 5; i++) {
    alice.write('x'.repeat(700))
    await rig.run(20)
  }
  const { waiting } = bob.socket
  for (let i = 0; i < 3; i++) {
    bob.send(encodeStep1(Y.encodeStateVector(bob.doc)))
    await rig.run()
  }
  expect(bob.socket.waiting).toBe(waiting)
  bob.read()
  await rig.run()
  expect(bob.text()).toBe(alice.text())
  expect(bob.synced).toBe(2)
})

test('[OR18] what is not read for a minute is closed, and costs the others nothing', async () => {
  const rig = openRig({ limits })
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  bob.socket.isStalled = true
  alice.write('x'.repeat(3_000))
  await rig.run(59_000)
  expect(bob.socket.closedWith).toBeUndefined()
  await rig.run(4_000)
  expect([bob.socket.closedWith, alice.socket.closedWith]).toEqual([4508, undefined])
})

test('[OR20] more than a socket may send, or than a room may hold, closes with a code', async () => {
  const rig = openRig({
    limits: {
      messageBytes: 5_000,
      messagesBurst: 20,
      messagesPerSecond: 10,
      roomBytes: 4_000,
      connectionsPerAddress: 4,
      rooms: 2
    }
  })
  const alice = rig.client('room')
  await rig.run()
  const flood = createTestSocket()
  const flooding = rig.connect(flood)
  await rig.run()
  for (let i = 0; i < 30; i++) flooding.message(new Uint8Array([3]))
  const large = createTestSocket()
  rig.connect(large).message(new Uint8Array(5_001))
  alice.write('x'.repeat(4_500))
  await rig.run()
  expect([flood.closedWith, large.closedWith, alice.socket.closedWith]).toEqual([4529, 4413, 4413])
  const sockets = Array.from({ length: 5 }, () => createTestSocket())
  for (const socket of sockets) rig.connect(socket, { address: 'other' })
  expect(sockets.map(({ closedWith }) => closedWith)).toEqual([undefined, undefined, undefined, undefined, 4529])
  const rooms = ['a', 'b', 'c'].map((path) => {
    const socket = createTestSocket()
    rig.connect(socket, { path, address: path })
    return socket.closedWith
  })
  expect(rooms).toEqual([undefined, 4503, 4503])
  await rig.run()
  expect(rig.relay.counters.closedByCode).toEqual(
    new Map([
      [4529, 2],
      [4413, 2],
      [4503, 2]
    ])
  )
})

test('[OR20] a relay that is behind with its work takes no newcomers and keeps those it has', async () => {
  let isOverloaded = false
  const rig = openRig({ isOverloaded: () => isOverloaded })
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  isOverloaded = true
  const carol = rig.client('room')
  alice.write('hello')
  await rig.run()
  expect([carol.socket.closedWith, bob.text()]).toEqual([4503, 'hello'])
})

test('[OR27] a large update is read on the other thread, in its place, and what was said after it too, though its socket has ended', async () => {
  const rig = openRig({ limits: { inlineBytes: 1_000 } })
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  alice.write('x'.repeat(5_000))
  alice.write('end')
  const text = alice.text()
  alice.leave()
  await rig.run()
  expect(bob.text() === text).toBe(true)
})

test('[OR18] asking again and again for a document that is not read does not queue it again and again', async () => {
  const rig = openRig({ limits: { ...limits, tailRows: 2 } })
  const alice = rig.client('room')
  await rig.run()
  for (let i = 0; i < 5; i++) {
    alice.write('x'.repeat(700))
    await rig.run(20)
  }
  await rig.run(2_000)
  const socket = createTestSocket()
  // A large message is shared: it does not count as waiting.
  socket.sendPrepared = ({ bytes }) => {
    socket.received.push(bytes)
    return 0
  }
  const handle = rig.connect(socket)
  await rig.run()
  for (let i = 0; i < 50; i++) {
    handle.message(encodeStep1(new Uint8Array([0])))
    await rig.run(20)
  }
  const documents = (): number => socket.received.filter(({ byteLength }) => byteLength > 2_000).length
  expect(documents()).toBe(1)
  handle.drained()
  await rig.run()
  expect(documents()).toBe(2)
})

test('[OR18] large messages that all share count for each socket that does not read them', async () => {
  const rig = openRig({ limits: { bufferBytes: 500_000 } })
  const alice = rig.client('room', { isPresent: true })
  await rig.run()
  const socket = createTestSocket()
  socket.sendPrepared = ({ bytes }) => {
    socket.received.push(bytes)
    return 0
  }
  const handle = rig.connect(socket)
  handle.message(encodeStep1(new Uint8Array([0])))
  await rig.run()
  const bytesOf = (): number => socket.received.reduce((sum, { byteLength }) => sum + byteLength, 0)
  for (let i = 0; i < 30; i++) {
    alice.write('x'.repeat(100_000))
    await rig.run(20)
  }
  expect(bytesOf()).toBeLessThan(700_000)
  expect(rig.relay.counters.behind).toBe(1)
  handle.drained()
  await rig.run()
  expect(bytesOf()).toBeGreaterThan(3_000_000)
  handle.drained()
  await rig.run()

  for (let i = 0; i < 40; i++)
    rig.client('room', { isPresent: true }).awareness.setLocalState({ name: 'x'.repeat(10_000) })
  await rig.run()
  handle.drained()
  await rig.run()
  const before = bytesOf()
  for (let i = 0; i < 100; i++) handle.message(new Uint8Array([3]))
  await rig.run()
  expect(bytesOf() - before).toBeGreaterThan(400_000)
  expect(bytesOf() - before).toBeLessThan(2_000_000)
})

test('[OR20] what is read on the event loop is bounded apart: state vectors, and awareness in bytes and entries', async () => {
  const rig = openRig({ limits: { stateVectorBytes: 1_000, presenceMessageBytes: 300_000, deleteSetBytes: 1_000 } })
  const alice = rig.client('room')
  await rig.run()
  const closesWith = (bytes: Uint8Array): number | undefined => {
    const socket = createTestSocket()
    rig.connect(socket).message(bytes)
    return socket.closedWith
  }
  const presences = (count: number): Uint8Array =>
    encodePresences(Array.from({ length: count }, () => ({ client: 1, clock: 1, state: undefined })))
  /** Type and length stand before the body. */
  const bodyOf = (message: Uint8Array): Uint8Array => message.subarray(4)
  expect(closesWith(encodeStep1(new Uint8Array(1_001)))).toBe(4413)
  expect(closesWith(encodeStep1(new Uint8Array(1_000)))).toBeUndefined()
  expect(closesWith(presences(40_000))).toBeUndefined()
  expect(closesWith(presences(45_000))).toBe(4413)
  expect([50_001, 50_000].map((count) => decodePresences(bodyOf(presences(count))).ok)).toEqual([false, true])
  const scattered = new Y.Doc()
  scattered.getText('text').insert(0, 'x'.repeat(2_000))
  for (let at = 0; at < 500; at++) scattered.getText('text').delete(at, 1)
  expect(closesWith(encodeUpdate(Y.encodeStateAsUpdate(scattered)))).toBe(4413)
  alice.write('undisturbed')
  await rig.run()
  expect(alice.socket.closedWith).toBeUndefined()
})
