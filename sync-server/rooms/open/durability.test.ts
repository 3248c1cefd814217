import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { err, type Result } from '#core/result.ts'
import { encodeUpdate } from '#server/protocol/open/messages.ts'
import type { AppendedRow, OpenStoreFailure, UpdateLog } from '#server/rooms/open-ports.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { openRig } from './open-rig.fixture.ts'
import { createTestSocket } from './test-socket.fixture.ts'

/** A store that can be slow, or refuse. */
const fickle = () => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const waiting: (() => void)[] = []
  const control = {
    isSlow: false,
    failure: undefined as OpenStoreFailure | undefined,
    loadFailure: undefined as OpenStoreFailure | undefined,
    proceed: () => {
      for (const each of waiting.splice(0)) each()
    },
    appended: 0
  }
  const fickleLog: UpdateLog = {
    ...log,
    async append(batch) {
      if (control.isSlow) await new Promise<void>((resolve) => waiting.push(resolve))
      const { failure } = control
      if (failure !== undefined) return batch.map((): Result<AppendedRow, OpenStoreFailure> => err(failure))
      control.appended += batch.length
      return log.append(batch)
    },
    async load(room) {
      return control.loadFailure === undefined ? log.load(room) : err(control.loadFailure)
    }
  }
  return { control, disk, rig: openRig({ log: fickleLog }) }
}

test('[OR8] nobody sees an update before the store has it', async () => {
  const { control, rig } = fickle()
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  control.isSlow = true
  alice.write('hello')
  await rig.run(500)
  const late = rig.client('room')
  await rig.run(500)
  expect([bob.text(), late.text()]).toEqual(['', ''])
  control.isSlow = false
  control.proceed()
  await rig.run()
  expect([bob.text(), late.text()]).toEqual(['hello', 'hello'])
})

test('[OR9] a store that refuses: nobody sees the update, its sender is sent away to come back', async () => {
  for (const [failure, code] of [
    [{ kind: 'store', reason: 'disk' }, 4503],
    [{ kind: 'relay-full' }, 4503],
    [{ kind: 'room-full' }, 4413]
  ] as const) {
    const { control, rig } = fickle()
    const alice = rig.client('room')
    const bob = rig.client('room')
    await rig.run()
    control.failure = failure
    alice.write('hello')
    await rig.run()
    expect([bob.text(), alice.socket.closedWith, bob.socket.closedWith]).toEqual(['', code, undefined])
    control.failure = undefined
    const back = rig.client('room', { doc: alice.doc })
    await rig.run()
    expect([back.synced, bob.text()]).toEqual([1, 'hello'])
  }
})

test('[OR9] a load that fails is an error for those who come, never an empty document', async () => {
  const { control, rig } = fickle()
  const alice = rig.client('room')
  alice.write('hello')
  await rig.run()
  alice.leave()
  await rig.run()
  control.loadFailure = { kind: 'store', reason: 'disk' }
  const bob = rig.client('room')
  await rig.run()
  expect([bob.synced, bob.socket.closedWith, bob.socket.received.length]).toEqual([0, 4503, 0])
  expect(rig.relay.counters.rooms).toBe(0)
  control.loadFailure = undefined
  const carol = rig.client('room')
  await rig.run()
  expect(carol.text()).toBe('hello')
})

test('[OR10] what a room takes within one commit is one row and one message; its only sender gets none', async () => {
  const { control, rig } = fickle()
  const clients = [rig.client('room'), rig.client('room'), rig.client('room')]
  await rig.run()
  const [alice, bob, carol] = clients
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('no clients')
  const came = (): number[] => clients.map(({ socket }) => socket.received.splice(0).length)
  came()
  for (const letter of 'hello') alice.write(letter)
  await rig.run()
  expect([control.appended, ...came()]).toEqual([1, 0, 1, 1])
  alice.write('x')
  bob.write('y')
  await rig.run()
  expect([control.appended, ...came()]).toEqual([2, 1, 1, 1])
  expect(alice.text()).toBe(bob.text())
  expect(alice.text()).toBe(carol.text())
})

test('what the room holds already is neither stored nor shown again', async () => {
  const { control, rig } = fickle()
  const alice = rig.client('room')
  await rig.run()
  alice.write('hello')
  alice.doc.getText('text').delete(0, 1)
  await rig.run()
  const { appended } = control
  const heard = alice.socket.received.length
  const bob = rig.client('room', { doc: new Y.Doc() })
  bob.send(encodeUpdate(Y.encodeStateAsUpdate(alice.doc)))
  bob.send(encodeUpdate(new Uint8Array([0, 0])))
  await rig.run()
  expect([control.appended, alice.socket.received.length]).toEqual([appended, heard])
})

test('[OR10] a deletion alone is stored and shown: no state vector would tell it', async () => {
  const { rig } = fickle()
  const alice = rig.client('room')
  const bob = rig.client('room')
  await rig.run()
  alice.write('hello')
  await rig.run()
  const away = new Y.Doc()
  Y.applyUpdate(away, Y.encodeStateAsUpdate(alice.doc))
  away.getText('text').delete(0, 4)
  const back = rig.client('room', { doc: away })
  await rig.run()
  expect([alice.text(), bob.text(), back.text()]).toEqual(['o', 'o', 'o'])
  const late = rig.client('room')
  await rig.run()
  expect(late.text()).toBe('o')
})

test('[OR3] what cannot be read ends its sender and nobody else', async () => {
  const { control, rig } = fickle()
  const bob = rig.client('room')
  await rig.run()
  const heard = bob.socket.received.length
  for (const bytes of [
    [0, 2, 3, 1, 1, 1],
    [0, 9, 0],
    [0, 0, 2, 9, 9],
    [1, 2, 1, 1],
    [0x80],
    [1, 5, 1, 7, 1, 1, 0x7b]
  ]) {
    const socket = createTestSocket()
    const handle = rig.connect(socket)
    await rig.run()
    handle.message(new Uint8Array(bytes))
    await rig.run()
    expect([bytes, socket.closedWith]).toEqual([bytes, 4400])
  }
  expect([control.appended, bob.socket.received.length, bob.socket.closedWith]).toEqual([0, heard, undefined])
})
