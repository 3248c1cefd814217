import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodePresences } from '#server/protocol/open/awareness.ts'
import { type Client, createTestMerger, openRig } from './open-rig.fixture.ts'
import { createTestSocket, kindsOf } from './test-socket.fixture.ts'

const present = (client: Client): number[] => [...client.awareness.getStates().keys()].sort()
/** What a document's only author wrote first. */
const firstOf = (doc: Y.Doc): Uint8Array => {
  const first = new Y.Doc()
  first.clientID = doc.clientID
  first.getText('text').insert(0, '0 ')
  return Y.encodeStateAsUpdate(first)
}
const idsOf = (...clients: Client[]): number[] => clients.map(({ doc }) => doc.clientID).sort()

test('[OR14] presence goes out once a tick, to its sender too', async () => {
  const rig = openRig()
  const alice = rig.client('room', { isPresent: true })
  const bob = rig.client('room', { isPresent: true })
  await rig.run(300)
  for (const { socket } of [alice, bob]) socket.received.length = 0
  for (let x = 0; x < 10; x++) alice.awareness.setLocalState({ x })
  await rig.run(60)
  expect([kindsOf(alice.socket), kindsOf(bob.socket)]).toEqual([['awareness'], ['awareness']])
  expect(bob.awareness.getStates().get(alice.doc.clientID)).toEqual({ x: 9 })
})

test('[OR15] the echoes of stock clients die', async () => {
  const rig = openRig()
  const clients = Array.from({ length: 5 }, () => rig.client('room', { isPresent: true }))
  await rig.run(500)
  const { deliveries } = rig.relay.counters
  await rig.run(3_000)
  expect(rig.relay.counters.deliveries).toBe(deliveries)
  for (const each of clients) expect(present(each)).toEqual(idsOf(...clients))
})

test('[OR16] who leaves, leaves for all others within a tick', async () => {
  const rig = openRig()
  const [alice, bob, carol] = [1, 2, 3].map(() => rig.client('room', { isPresent: true })) as [Client, Client, Client]
  await rig.run(300)
  alice.handle.closed()
  await rig.run(60)
  expect([present(bob), present(carol)]).toEqual([idsOf(bob, carol), idsOf(bob, carol)])
  await rig.run(2_000)
  expect(present(bob)).toEqual(idsOf(bob, carol))
})

test('[OR16] a device that comes back with the clock it had is seen again at once', async () => {
  const rig = openRig()
  const bob = rig.client('room', { isPresent: true })
  const alice = rig.client('room', { isPresent: true })
  await rig.run(300)
  alice.handle.closed()
  await rig.run(300)
  const socket = createTestSocket()
  const handle = rig.connect(socket)
  const clock = alice.awareness.meta.get(alice.doc.clientID)?.clock ?? 0
  const state = new TextEncoder().encode('{}')
  const say = (at: number) => handle.message(encodePresences([{ client: alice.doc.clientID, clock: at, state }]))
  say(clock)
  await rig.run(10)
  // What y-protocols answers to being told that it is gone: it raises its clock above that.
  expect(socket.received.at(-1)).toEqual(
    encodePresences([{ client: alice.doc.clientID, clock: clock + 1, state: undefined }])
  )
  say(clock + 2)
  await rig.run(60)
  expect(present(bob)).toEqual(idsOf(alice, bob))
})

test('[OR16] it is told so also while its answer is being made', async () => {
  const merger = createTestMerger()
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const rig = openRig({
    limits: { tailRows: 4 },
    merger: { ...merger, diff: (...given) => held.then(() => merger.diff(...given)) }
  })
  const bob = rig.client('room')
  const alice = rig.client('room', { isPresent: true })
  for (let i = 0; i < 8; i++) {
    bob.write(`${i} `)
    await rig.run(20)
  }
  await rig.run(300)
  const clock = alice.awareness.meta.get(alice.doc.clientID)?.clock ?? 0
  const behind = new Y.Doc()
  Y.applyUpdate(behind, firstOf(bob.doc))
  alice.handle.closed()
  await rig.run(300)
  const back = rig.client('room', { doc: behind })
  await rig.run(20)
  expect(back.synced).toBe(0)
  back.send(encodePresences([{ client: alice.doc.clientID, clock: clock + 1, state: new TextEncoder().encode('{}') }]))
  await rig.run(20)
  expect(back.socket.received.at(-1)).toEqual(
    encodePresences([{ client: alice.doc.clientID, clock: clock + 1, state: undefined }])
  )
  release()
  await rig.run()
  expect(back.synced).toBe(1)
})

test('[OR16] nobody removes another while its socket lives', async () => {
  const rig = openRig()
  const [alice, bob] = [1, 2].map(() => rig.client('room', { isPresent: true })) as [Client, Client]
  await rig.run(300)
  bob.send(encodePresences([{ client: alice.doc.clientID, clock: 99, state: undefined }]))
  const carol = rig.client('room', { isPresent: true })
  await rig.run(300)
  expect(present(carol)).toEqual(idsOf(alice, bob, carol))
})

test('[OR17] a silent room hears something before stock clients give up', async () => {
  const rig = openRig()
  const alice = rig.client('room')
  await rig.run()
  for (let second = 0; second < 120; second++) {
    alice.socket.received.length = second % 25 === 0 ? 0 : alice.socket.received.length
    await rig.run(1_000)
    if (second % 25 === 24) expect(alice.socket.received.length).toBeGreaterThan(0)
  }
  expect(kindsOf(alice.socket).every((kind) => kind === 'awareness')).toBe(true)
})

test('[OR20] a presence too large, of too many clients, or no JSON ends its socket', async () => {
  const rig = openRig()
  const text = (json: string): Uint8Array => new TextEncoder().encode(json)
  const many = Array.from({ length: 65 }, (_, client) => ({ client, clock: 1, state: text('1') }))
  const cases = [
    encodePresences([{ client: 1, clock: 1, state: text(`"${'x'.repeat(16_000)}"`) }]),
    encodePresences(many),
    encodePresences([{ client: 1, clock: 1, state: text('{') }]),
    encodePresences([{ client: 1, clock: 1, state: new Uint8Array([0x22, 0xff, 0x22]) }])
  ]
  for (const bytes of cases) {
    const socket = createTestSocket()
    const handle = rig.connect(socket)
    await rig.run()
    handle.message(bytes)
    await rig.run()
    expect(socket.closedWith).toBe(4400)
  }
})

test('[OR16] who does not read for a while hears afterwards who left meanwhile', async () => {
  const rig = openRig({ limits: { bufferBytes: 2_000 } })
  const [alice, bob, carol] = [1, 2, 3].map(() => rig.client('room', { isPresent: true })) as [Client, Client, Client]
  await rig.run(300)
  bob.socket.isStalled = true
  alice.write('x'.repeat(3_000))
  await rig.run(100)
  expect(rig.relay.counters.behind).toBe(1)
  carol.leave()
  await rig.run(300)
  expect(present(bob)).toEqual(idsOf(alice, bob, carol))
  bob.read()
  await rig.run(300)
  expect(present(bob)).toEqual(idsOf(alice, bob))
})
