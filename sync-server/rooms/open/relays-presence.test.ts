import { expect, test } from 'vitest'
import { encodePresences } from '#server/protocol/open/awareness.ts'
import { encodeRelayMessage, type PresenceMessage } from '#server/protocol/relay-messages.ts'
import { CALM_BUS } from '#testing/bus.ts'
import type { Client, Rig } from './open-rig.fixture.ts'
import { type RelaysRig, relaysRig } from './relays-rig.fixture.ts'
import { kindsOf } from './test-socket.fixture.ts'

const present = (client: Client): number[] => [...client.awareness.getStates().keys()].sort()
const NOBODY = { kind: 'presence', full: false, asks: false, order: 1, released: [] } as const
const encoder = new TextEncoder()
const somebody = (client: number, size = 1) => ({ client, clock: 1, state: encoder.encode(`"${'x'.repeat(size)}"`) })
/** A relay of which only messages are known. */
const stranger = ({ network }: RelaysRig) => {
  const bus = network.join()
  const origin = new Uint8Array(8).fill(9)
  return (message: Partial<PresenceMessage>, presences: Parameters<typeof encodePresences>[0]): void =>
    bus.publish('open:room', encodeRelayMessage(origin, { ...NOBODY, ...message, update: encodePresences(presences) }))
}
/** The same device at another relay, its old socket not yet given up. */
const moveTo = (relay: Rig, { doc }: Client): Client => {
  const moved = relay.client('room', { doc })
  const state = new TextEncoder().encode('{"x":1}')
  moved.send(encodePresences([{ client: doc.clientID, clock: 50, state }]))
  return moved
}
const idsOf = (...clients: Client[]): number[] => clients.map(({ doc }) => doc.clientID).sort()

test('[MR9] those at other relays are seen, come and go within two ticks', async () => {
  const { relays, run } = relaysRig({ relays: 3 })
  const people = relays.map((rig) => rig.client('room', { isPresent: true }))
  await run(400)
  for (const each of people) expect(present(each)).toEqual(idsOf(...people))
  const [alice, bob, carol] = people as [Client, Client, Client]
  for (const { socket } of people) socket.received.length = 0
  for (let x = 0; x < 10; x++) alice.awareness.setLocalState({ x })
  await run(130)
  expect(carol.awareness.getStates().get(alice.doc.clientID)).toEqual({ x: 9 })
  expect([kindsOf(bob.socket), kindsOf(carol.socket)]).toEqual([['awareness'], ['awareness']])
  alice.leave()
  await run(130)
  expect([present(bob), present(carol)]).toEqual([idsOf(bob, carol), idsOf(bob, carol)])
})

test('[MR9] one message a room and tick leaves a relay, whatever its people say, and nothing goes round', async () => {
  const { relays, run, network } = relaysRig({ relays: 3 })
  const people = relays.flatMap((rig) => [1, 2, 3, 4].map(() => rig.client('room', { isPresent: true })))
  await run(1_000)
  const before = network.sent()
  for (const each of people.slice(0, 4)) for (let x = 0; x < 5; x++) each.awareness.setLocalState({ x })
  await run(300)
  expect(network.sent() - before).toBe(1)
  await run(10_000)
  expect(network.sent() - before).toBeLessThan(8)
})

test('[MR9] who comes to a room that is new here sees who is elsewhere', async () => {
  const { one, two, run } = relaysRig()
  const alice = one.client('room', { isPresent: true })
  await run(5_000)
  const bob = two.client('room', { isPresent: true })
  await run(200)
  expect([present(alice), present(bob)]).toEqual([idsOf(alice, bob), idsOf(alice, bob)])
})

test('[MR10] the people of a relay that died leave within 45 s, and nobody else', async () => {
  const { relays, run } = relaysRig({ relays: 3 })
  const [one, two, three] = relays as unknown as [Rig, Rig, Rig]
  const alice = one.client('room', { isPresent: true })
  const bob = two.client('room', { isPresent: true })
  const carol = three.client('room', { isPresent: true })
  await run(20_000)
  one.relay.halt()
  alice.leave()
  await run(25_000)
  expect(present(bob)).toEqual(idsOf(alice, bob, carol))
  await run(21_000)
  expect([present(bob), present(carol)]).toEqual([idsOf(bob, carol), idsOf(bob, carol)])
})

test('[MR10] a relay that leaves in order takes its people along at once', async () => {
  const { one, two, run } = relaysRig()
  one.client('room', { isPresent: true })
  const bob = two.client('room', { isPresent: true })
  await run(1_000)
  void one.relay.drain()
  await run(3_000)
  expect(present(bob)).toEqual(idsOf(bob))
})

test('[MR10] a relay that was cut off until others gave it up is seen again once it is back', async () => {
  const { one, two, run } = relaysRig()
  const alice = one.client('room', { isPresent: true })
  const bob = two.client('room', { isPresent: true })
  await run(1_000)
  one.bus.cut()
  await run(60_000)
  expect([present(alice), present(bob)]).toEqual([idsOf(alice), idsOf(bob)])
  one.bus.heal()
  await run(300)
  expect([present(alice), present(bob)]).toEqual([idsOf(alice, bob), idsOf(alice, bob)])
})

test('[MR11] who moves to another relay is not taken away by the end of the socket it left', async () => {
  const { one, two, run } = relaysRig()
  const bob = two.client('room', { isPresent: true })
  const alice = one.client('room', { isPresent: true })
  await run(500)
  const moved = moveTo(two, alice)
  await run(300)
  alice.handle.closed()
  await run(1_000)
  expect(present(bob)).toEqual(idsOf(alice, bob))
  expect(bob.awareness.getStates().get(alice.doc.clientID)).toEqual({ x: 1 })
  moved.handle.closed()
  await run(300)
  expect(present(bob)).toEqual(idsOf(bob))
})

test('[MR11] the end of a socket is told also where another relay speaks for its client ids', async () => {
  const { relays, run } = relaysRig({ relays: 3 })
  const [one, two, three] = relays as unknown as [Rig, Rig, Rig]
  const watcher = three.client('room')
  const alice = one.client('room', { isPresent: true })
  await run(500)
  const moved = moveTo(two, alice)
  await run(300)
  // Both end, the one that came first last.
  moved.handle.closed()
  await run(300)
  expect(present(watcher)).toEqual(idsOf(alice))
  alice.handle.closed()
  await run(300)
  expect(present(watcher)).toEqual([])
})

test('[MR9] an older list that comes late takes nobody away who came meanwhile', async () => {
  const rig = relaysRig({ relays: 1 })
  const bob = rig.one.client('room')
  await rig.run(300)
  const say = stranger(rig)
  say({ full: true, order: 2 }, [somebody(1), somebody(2)])
  say({ full: true, order: 1 }, [somebody(1)])
  await rig.run(300)
  expect(present(bob)).toEqual([1, 2])
  say({ full: true, order: 3 }, [somebody(1)])
  await rig.run(300)
  expect(present(bob)).toEqual([1])
})

test('[MR12] a relay brings so many people to a room and no more, and none whose state is too long', async () => {
  const rig = relaysRig({ relays: 1, limits: { presencesPerRelay: 3, presenceBytes: 1_000 } })
  const bob = rig.one.client('room')
  await rig.run(300)
  const say = stranger(rig)
  say({}, [somebody(1, 2_000), somebody(2)])
  await rig.run(300)
  expect(present(bob)).toEqual([2])
  say(
    { order: 2 },
    [3, 4, 5, 6].map((client) => somebody(client))
  )
  await rig.run(300)
  expect(present(bob)).toEqual([2, 3, 4])
})

test('[MR12] presence that was lost on the way is there when its people renew it, and none of it stays for ever', async () => {
  const { one, two, run, setWeather } = relaysRig()
  const bob = two.client('room', { isPresent: true })
  const alice = one.client('room', { isPresent: true })
  setWeather({ ...CALM_BUS, loseChance: 1 })
  await run(500)
  expect(present(bob)).toEqual(idsOf(bob))
  setWeather(CALM_BUS)
  alice.awareness.setLocalState({ again: true })
  await run(300)
  expect(present(bob)).toEqual(idsOf(alice, bob))
  // The goodbye is lost, while the relay lives on with somebody else.
  one.client('room', { isPresent: true })
  await run(300)
  setWeather({ ...CALM_BUS, loseChance: 1 })
  alice.leave()
  await run(300)
  setWeather(CALM_BUS)
  await run(125_000)
  expect(present(bob)).not.toContain(alice.doc.clientID)
})
