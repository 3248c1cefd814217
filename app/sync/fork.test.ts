import { expect, test } from 'vitest'
import { createMemoryDatabase } from '#app/log/memory.ts'
import { bytesToHex } from '#core/bytes.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createHouse, type TestDevice } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'

type House = ReturnType<typeof createHouse>

const twoInStep = async (seed: number): Promise<{ house: House; alice: TestDevice; bob: TestDevice }> => {
  const house = createHouse(seed)
  const alice = await house.device('alice')
  await alice.write('one', 'first')
  await house.pass(10_000)
  const bob = await house.device('bob')
  await house.pass(5_000)
  await bob.write('two', 'second')
  await house.pass(10_000)
  return { house, alice, bob }
}

const journalRows = (house: House): number =>
  Math.max(
    0,
    ...[...house.relay.disk.roots.values()].flatMap((root) => [...root.shards.values()].map(({ rows }) => rows.length))
  )

const newcomerReads = async (house: House): Promise<Record<string, string>> => {
  const carol = await house.device('carol')
  await house.pass(40_000)
  expect(carol.facts().notices).toEqual([])
  return carol.read()
}

test('[DV7] HEAD with another hash at the own cursor is another history', async () => {
  const { house, alice } = await twoInStep(20)
  house.setWatch((way, frame, device) =>
    way === 'down' && frame.type === 'head' && device === 'alice' && frame.seq > 0
      ? { ...frame, hash: new Uint8Array(16).fill(7) }
      : undefined
  )
  alice.cut()
  await house.pass(5_000)
  expect(alice.facts().notices).toMatchObject([{ kind: 'relay-had-another-history' }])
  house.setWatch(() => undefined)
  await house.pass(90_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect(await newcomerReads(house)).toEqual({ one: 'first', two: 'second' })
})

test('[DV14] a relay restored from an older copy gets back what it lost', async () => {
  const { house, alice, bob } = await twoInStep(21)
  const before = house.copyDisk()
  await alice.write('three', 'third')
  await alice.remove('one')
  await house.pass(15_000)
  const rows = journalRows(house)
  house.relay.restart(before)
  await house.pass(3_000)
  await house.pass(90_000)
  expect(alice.facts().notices).toMatchObject([{ kind: 'relay-had-another-history' }])
  for (const device of [alice, bob]) expect(await device.read()).toEqual({ two: 'second', three: 'third' })
  // Its author sends the lost entry again; another device that was faster may have given back its content.
  expect(journalRows(house)).toBeLessThanOrEqual(rows + 1)
  expect(await newcomerReads(house)).toEqual({ two: 'second', three: 'third' })
})

test('[DV14] while it is given back, nobody is told that it is safe', async () => {
  const { house, alice, bob } = await twoInStep(22)
  const before = house.copyDisk()
  await alice.write('three', 'third')
  await house.pass(15_000)
  await alice.runner.stop()
  house.relay.restart(before)
  const seen = new Set<string>()
  for (let second = 0; second < 60; second++) {
    await house.pass(1_000)
    const { status } = bob.facts()
    if (status.kind === 'live' && status.safety !== 'this-device') break
    if (status.kind === 'waiting') seen.add(status.why)
  }
  expect(seen).toContain('relay-restoring')
  expect(await newcomerReads(house)).toEqual({ one: 'first', two: 'second', three: 'third' })
})

test('[DV15] an emptied relay is filled again', async () => {
  const { house, alice, bob } = await twoInStep(23)
  house.relay.restart(createMemoryDisk())
  await house.pass(120_000)
  for (const device of [alice, bob]) {
    expect(device.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
    expect(await device.read()).toEqual({ one: 'first', two: 'second' })
  }
  expect(await newcomerReads(house)).toEqual({ one: 'first', two: 'second' })
})

test('[DV15] the author has gone for good: another device gives its entries back', async () => {
  const { house, alice, bob } = await twoInStep(24)
  await alice.runner.stop()
  house.relay.restart(createMemoryDisk())
  await house.pass(120_000)
  expect(bob.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect(await newcomerReads(house)).toEqual({ one: 'first', two: 'second' })
})

test('[DV16] where entries can no longer be sent again, a snapshot lets newcomers read on', async () => {
  const { house, alice, bob } = await twoInStep(25)
  const author = await alice.log.author(JOURNAL)
  if (!author.ok) throw new Error('no author')
  await alice.log.dropSealed(JOURNAL, author.value.counter)
  await bob.runner.stop()
  house.relay.restart(createMemoryDisk())
  await house.pass(90_000)
  await alice.write('four', 'after the gap')
  await house.pass(30_000)
  expect(house.sent.some(({ frame, device }) => frame.type === 'snap' && device === 'alice')).toBe(true)
  expect(await newcomerReads(house)).toEqual({ one: 'first', two: 'second', four: 'after the gap' })
})

test('[DV14] a crash in the middle of giving back begins it again', async () => {
  const { house, alice, bob } = await twoInStep(26)
  await bob.runner.stop()
  house.relay.restart(createMemoryDisk())
  house.setWatch((way, frame) => (way === 'up' && frame.type === 'push' ? false : undefined))
  await house.pass(20_000)
  await alice.runner.stop()
  house.setWatch(() => undefined)
  const again = await house.device('alice', { database: alice.database })
  await house.pass(90_000)
  expect(again.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect(await newcomerReads(house)).toEqual({ one: 'first', two: 'second' })
})

test('[DV10] a copied profile is noticed: both sides are kept, one device takes a new key', async () => {
  const { house, alice } = await twoInStep(27)
  const copy = createMemoryDatabase()
  for (const [name, table] of alice.database.tables)
    for (const [key, entry] of table) copy.tables.get(name)?.set(key, entry)
  const clone = await house.device('clone', { database: copy })
  await alice.write('mine', 'from the original')
  await clone.write('theirs', 'from the copy')
  await house.pass(60_000)
  await alice.write('mine too', 'later')
  await clone.write('theirs too', 'later')
  await house.pass(60_000)
  const all = {
    one: 'first',
    two: 'second',
    mine: 'from the original',
    theirs: 'from the copy',
    'mine too': 'later',
    'theirs too': 'later'
  }
  expect(await alice.read()).toEqual(all)
  expect(await clone.read()).toEqual(all)
  expect([alice, clone].some((each) => each.facts().notices.some(({ kind }) => kind === 'profile-was-cloned'))).toBe(
    true
  )
  expect(await newcomerReads(house)).toEqual(all)
})

test('[DV2] no bytes are stored twice, whatever was repeated', async () => {
  const { house } = await twoInStep(28)
  house.relay.restart(createMemoryDisk())
  await house.pass(90_000)
  const digests = [...house.relay.disk.roots.values()].flatMap((root) =>
    [...root.shards.values()].flatMap(({ rows }) => rows.map((row) => bytesToHex(row.digest)))
  )
  expect(new Set(digests).size).toBe(digests.length)
})
