import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodePermissionDenied, encodeUpdate } from '#server/protocol/open/messages.ts'
import { openRig } from './open-rig.fixture.ts'
import { createTestSocket, kindsOf } from './test-socket.fixture.ts'

test('[OR21] a reader is told once that it cannot write, keeps its socket and goes on receiving', async () => {
  const rig = openRig({ admit: (_, { address }) => (address === 'reader' ? 'read' : 'write') })
  const writer = rig.client('room')
  writer.write('hello')
  writer.doc.getText('text').delete(0, 1)
  await rig.run()
  const reader = rig.client('room', { address: 'reader', isPresent: true })
  await rig.run()
  reader.send(encodeUpdate(new Uint8Array([0, 0])))
  reader.send(encodeUpdate(Y.encodeStateAsUpdate(writer.doc)))
  await rig.run()
  expect(kindsOf(reader.socket)).not.toContain('auth')
  const { committedRows } = rig.relay.counters
  reader.write('mine')
  reader.write('mine too')
  await rig.run()
  expect(kindsOf(reader.socket).filter((kind) => kind === 'auth')).toEqual(['auth'])
  writer.write(' world')
  await rig.run()
  expect(writer.text()).toBe('ello world')
  expect(reader.text()).toContain(' world')
  expect(reader.socket.closedWith).toBeUndefined()
  expect(writer.awareness.getStates().has(reader.doc.clientID)).toBe(true)
  expect(rig.relay.counters.committedRows).toBe(committedRows + 1)
})

test('[OR21] a room of the field is read by everybody and written by no client', async () => {
  const rig = openRig()
  const alice = rig.client('field/2026-01')
  await rig.run()
  alice.write('hello')
  await rig.run()
  expect(rig.relay.counters.committedRows).toBe(0)
  expect(kindsOf(alice.socket)).toContain('auth')
})

test('[OR22] who is refused is told why at once; who comes back anyway is held', async () => {
  const rig = openRig({ admit: () => ({ refused: 'this room needs a token' }) })
  const come = (address: string) => {
    const socket = createTestSocket()
    return { socket, handle: rig.connect(socket, { address }) }
  }
  const first = come('a')
  expect(first.socket.received).toEqual([encodePermissionDenied('this room needs a token')])
  expect(first.socket.closedWith).toBe(4403)
  await rig.run(1_000)
  const second = come('a')
  second.handle.message(new Uint8Array([0, 0, 1, 0]))
  await rig.run(20_000)
  expect([kindsOf(second.socket), second.socket.closedWith]).toEqual([['auth'], undefined])
  expect(come('b').socket.closedWith).toBe(4403)
  await rig.run(7_000)
  expect(second.socket.closedWith).toBe(4403)
  const third = come('a')
  expect(third.socket.closedWith).toBeUndefined()
  third.handle.closed()
  expect(rig.relay.counters.heldSockets).toBe(0)
  await rig.run(70_000)
  expect(come('a').socket.closedWith).toBe(4403)
})

test('[OR22] held sockets are bounded, in all and per address', async () => {
  const rig = openRig({ admit: () => ({ refused: 'no' }), limits: { held: 5, heldPerAddress: 2 } })
  const come = (address: string): number | undefined => {
    const socket = createTestSocket()
    rig.connect(socket, { address })
    return socket.closedWith
  }
  for (const address of ['a', 'b', 'c', 'd']) come(address)
  const codes = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'd'].map(come)
  expect(codes).toEqual([undefined, undefined, 4403, undefined, undefined, undefined, 4403, 4403])
  expect(rig.relay.counters.heldSockets).toBe(5)
})

test('[OR1] a name that is none is refused so that a client can read it', async () => {
  const rig = openRig()
  for (const path of ['', '%00', 'x'.repeat(256)]) {
    const socket = createTestSocket()
    rig.connect(socket, { path })
    expect([kindsOf(socket), socket.closedWith]).toEqual([['auth'], 4403])
  }
  expect(rig.relay.counters.rooms).toBe(0)
})
