import { expect, test } from 'vitest'
import { createHouse, type TestDevice } from './devices.fixture.ts'
import { meanwhile, wire } from './wired.fixture.ts'

const rootOf = async (device: TestDevice): Promise<string> => {
  const current = await device.vault.current()
  if (!current.ok) throw new Error('no keys')
  return current.value.root
}

test('[DV25] everything is erased with a receipt; a late device is told, brings nothing back and begins anew', async () => {
  const house = createHouse(5)
  const alice = await house.device('alice', { start: false })
  const alices = wire(alice)
  await alice.write('one', 'to be forgotten')
  await house.pass(20_000)
  const bob = await house.device('bob', { start: false })
  const bobs = wire(bob)
  await house.pass(20_000)
  expect(await bob.read()).toEqual({ one: 'to be forgotten' })
  bob.setOnline(false)
  await bob.write('two', 'written too late')
  await house.pass(1_000)
  const former = await rootOf(alice)
  const erased = await meanwhile(house, alices.erase.everywhere())
  expect(erased).toMatchObject({ ok: true, value: { receipts: [{ relay: 'relay.test', backupDays: null }], owed: [] } })
  expect(alices.forgotten.times).toBe(1)
  expect(await rootOf(alice)).not.toBe(former)
  expect(await alices.erase.receipts()).toHaveLength(1)
  bob.setOnline(true)
  await house.pass(90_000)
  expect(bobs.sync.get().status.kind).toBe('erased')
  // After a restart without network it is still known, and the root is not asked for again.
  await bobs.close()
  const asleep = await house.device('bob', { database: bob.database, start: false })
  asleep.setOnline(false)
  const alone = wire(asleep)
  await house.pass(10_000)
  expect(alone.sync.get().status.kind).toBe('erased')
  asleep.setOnline(true)
  // What was not sent stays until the person has decided.
  expect(await asleep.read()).toEqual({ one: 'to be forgotten', two: 'written too late' })
  expect(await meanwhile(house, alone.erase.beginAnew())).toEqual({ ok: true, value: undefined })
  expect(await rootOf(asleep)).toBe(await rootOf(alice))
  const fresh = await house.device('bob', { database: bob.database, start: false })
  await fresh.write('three', 'a new beginning')
  await house.pass(30_000)
  const again = await house.device('alice', { database: alice.database, start: false })
  expect(await again.read()).toEqual({ three: 'a new beginning' })
  const [onDisk] = [...house.relay.disk.roots].filter(([root]) => root === former)
  expect([...(onDisk?.[1].shards.values() ?? [])].flatMap(({ rows }) => rows)).toEqual([])
})

test('[DV26] an erasure that the relay has forgotten is shown to it again', async () => {
  const house = createHouse(6)
  const alice = await house.device('alice', { start: false })
  const alices = wire(alice)
  await alice.write('one', 'to be forgotten')
  await house.pass(20_000)
  const before = house.copyDisk()
  const former = await rootOf(alice)
  await meanwhile(house, alices.erase.everywhere())
  house.relay.restart(before)
  await house.pass(30_000)
  expect(house.relay.disk.erasures.size).toBe(1)
  expect(house.relay.disk.roots.get(former as never)?.shards.size ?? 0).toBe(0)
})
