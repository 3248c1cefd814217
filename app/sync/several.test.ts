import { expect, test } from 'vitest'
import type { RelayName } from '#app/store/ports.ts'
import { bytesToHex } from '#core/bytes.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createHouse, type House } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'
import type { TestRelay } from './relay.fixture.ts'
import { holdsEverything } from './status.ts'
import { meanwhile, wire } from './wired.fixture.ts'

const SECOND = 'second.test'

const entriesAt = (relay: TestRelay): readonly string[] =>
  [...relay.disk.roots.values()].flatMap((root) =>
    [...root.shards.values()].flatMap((shard) => shard.rows.map((row) => bytesToHex(row.digest)))
  )

const settled = async (house: House): Promise<void> => house.pass(90_000)

/** A device whose journal lives on the named relays, as the app wires it. */
const at = async (house: House, name: string, setting: string, database?: Parameters<House['device']>[1]) => {
  const device = await house.device(name, { start: false, ...database })
  const wired = wire(device)
  await wired.parts.relaySetting.set(setting)
  return { device, ...wired }
}

const BOTH = `https://relay.test https://${SECOND}`

/** Two relays that know nothing of each other, and a device that is on both of them unless it is said. */
const twoRelays = async (seed: number, setting = BOTH) => {
  const house = createHouse(seed)
  const second = house.relayAt(SECOND)
  second.restart()
  const alice = await at(house, 'alice', setting)
  return { house, second, alice }
}

const ONE = { one: 'a quiet morning' }
const TWO = { two: 'from the other side' }

const writeOne = async ({ house, alice }: Awaited<ReturnType<typeof twoRelays>>): Promise<void> => {
  await alice.device.write('one', ONE.one)
  await settled(house)
}

test('[DV29] a relay that is added gets everything, and a new device finds all of it there alone', async () => {
  const { house, alice } = await twoRelays(101, '')
  for (const id of ['one', 'two', 'three']) {
    await alice.device.write(id, `line ${id}`)
    await settled(house)
  }
  // As after a snapshot: the sealed bytes are gone, so only the content can be brought.
  const author = await alice.device.log.author(JOURNAL)
  if (author.ok) await alice.device.log.dropSealed(JOURNAL, author.value.counter)
  expect(await alice.sync.addRelay(SECOND)).toEqual({ ok: true, value: undefined })
  expect(await alice.sync.addRelay(`https://${SECOND}/`)).toEqual({ ok: false, error: 'already-chosen' })
  await settled(house)
  expect(alice.sync.get().relays.map(holdsEverything)).toEqual([true, true])
  expect(alice.sync.get().status).toMatchObject({ kind: 'live', waiting: 0, safety: 'replica' })
  house.relay.stop()
  const bob = await at(house, 'bob', `https://${SECOND}`)
  await settled(house)
  expect(await bob.device.read()).toEqual({ one: 'line one', two: 'line two', three: 'line three' })
  expect(bob.sync.get().notices).toEqual([])
})

test('[DV29] what a device brings to one relay is carried to the other as it was sealed, once', async () => {
  const world = await twoRelays(102)
  const { house, second, alice } = world
  await writeOne(world)
  const bob = await at(house, 'bob', `https://${SECOND}`)
  await settled(house)
  await bob.device.write('two', TWO.two)
  await house.pass(5_100)
  const before = alice.sync.get().relays.map(holdsEverything)
  await settled(house)
  expect([...entriesAt(house.relay)].sort()).toEqual([...entriesAt(second)].sort())
  expect(new Set(entriesAt(second)).size).toBe(entriesAt(second).length)
  // Not a moment is the first relay said to have what only the second one has.
  expect(before).toEqual([false, true])
  const carol = await at(house, 'carol', '')
  await settled(house)
  expect(await carol.device.read()).toEqual({ ...ONE, ...TWO })
})

test('[DV30] a relay that is away is told with what waits for it; it gets the very bytes when it is back', async () => {
  const world = await twoRelays(103)
  const { house, second, alice } = world
  await writeOne(world)
  second.stop()
  await alice.device.write('two', 'an evening')
  await settled(house)
  const [first, away] = alice.sync.get().relays
  expect(first && holdsEverything(first)).toBe(true)
  expect(away).toMatchObject({ relay: SECOND, status: { kind: 'waiting', waiting: 1, why: 'relay-not-reached' } })
  expect(away?.reached).toBeGreaterThan(1_800_000_000_000)
  expect(alice.sync.get().status).toMatchObject({ kind: 'live', safety: 'relay' })
  second.restart()
  await settled(house)
  expect([...entriesAt(house.relay)].sort()).toEqual([...entriesAt(second)].sort())
  expect(alice.sync.get().relays.map(holdsEverything)).toEqual([true, true])
})

test('[DV29] a wiped relay is filled from what came by the other', async () => {
  const { house, second, alice } = await twoRelays(104)
  const bob = await at(house, 'bob', '')
  await alice.device.write('one', ONE.one)
  await bob.device.write('two', TWO.two)
  await settled(house)
  second.restart(createMemoryDisk())
  await settled(house)
  house.relay.stop()
  const carol = await at(house, 'carol', `https://${SECOND}`)
  await settled(house)
  expect(await carol.device.read()).toEqual({ ...ONE, ...TWO })
})

test('[DV33] nothing more goes to a relay that was removed, and nothing waits for it', async () => {
  const world = await twoRelays(105)
  const { house, alice } = world
  await writeOne(world)
  await alice.sync.removeRelay('relay.test')
  await house.pass(1_000)
  const held = entriesAt(house.relay).length
  await alice.device.write('two', 'only there')
  await settled(house)
  expect(entriesAt(house.relay).length).toBe(held)
  expect(alice.sync.get().relays.map(({ relay }) => relay)).toEqual([SECOND])
  const shard = await alice.device.log.shard(JOURNAL, 'relay.test' as RelayName)
  expect(shard.ok && shard.value.cursor.seq).toBe(0)
  // Added again it is asked anew, and gets what it lacks.
  await alice.sync.addRelay('relay.test')
  await settled(house)
  expect(alice.sync.get().relays.map(holdsEverything)).toEqual([true, true])
  const bob = await at(house, 'bob', '')
  await settled(house)
  expect(await bob.device.read()).toEqual({ ...ONE, two: 'only there' })
})

test('[DV32] everything is erased at each relay; one that is away is owed it, and told when it is back', async () => {
  const { house, second, alice } = await twoRelays(106)
  await alice.device.write('one', 'to be forgotten')
  await settled(house)
  second.stop()
  const erased = await meanwhile(house, alice.erase.everywhere())
  expect(erased).toMatchObject({ ok: true, value: { receipts: [{ relay: 'relay.test' }], owed: [SECOND] } })
  expect(await alice.erase.owed()).toEqual([SECOND])
  await alice.close()
  // The next time the app is opened, and still away.
  const again = await at(house, 'alice', '', { database: alice.device.database })
  await settled(house)
  expect(await again.erase.owed()).toEqual([SECOND])
  second.restart()
  await house.pass(700_000)
  expect(await again.erase.owed()).toEqual([])
  expect((await again.erase.receipts()).map(({ relay }) => relay)).toEqual(['relay.test', SECOND])
  expect(
    [...second.disk.roots.values()].flatMap(({ shards }) => [...shards.values()]).flatMap(({ rows }) => rows)
  ).toEqual([])
})

test('[DV31] live things go to a relay that answers', async () => {
  const world = await twoRelays(107)
  const { house, second, alice } = world
  await writeOne(world)
  const first = alice.live.get()
  expect(['wss://relay.test', `wss://${SECOND}`]).toContain(first)
  if (first === 'wss://relay.test') house.relay.stop()
  else second.stop()
  await settled(house)
  expect(alice.live.get()).not.toBe(first)
  expect(alice.live.get()).not.toBeNull()
})
