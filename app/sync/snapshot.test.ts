import { expect, test } from 'vitest'
import { ENTRY_KIND, encodeSnapshotBody } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { createRandom } from '#testing/random.ts'
import { createHouse, type TestDevice } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'

type House = ReturnType<typeof createHouse>

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,.'
const noise = (seed: number, length: number): string =>
  Array.from(createRandom(seed).bytes(length), (byte) => LETTERS[byte & 63]).join('')

const snapsBy = (house: House, name: string): number =>
  house.sent.filter(({ frame, device, way }) => way === 'up' && device === name && frame.type === 'snap').length

const snapshotOf = (house: House) =>
  [...house.relay.disk.roots.values()].flatMap((root) =>
    [...root.shards.values()].flatMap(({ snapshot }) => snapshot ?? [])
  )

const writeMuch = async (house: House, device: TestDevice, from = 0): Promise<void> => {
  for (let i = from; i < from + 5; i++) {
    await device.write(`long ${i}`, noise(i, 20_000))
    device.runner.urgent()
    await house.pass(1_000)
  }
}

test('[DV11] a long tail becomes one snapshot of confirmed content, and a newcomer reads it', async () => {
  const house = createHouse(30)
  const alice = await house.device('alice')
  await house.pass(2_000)
  await writeMuch(house, alice)
  await house.pass(20_000)
  expect(snapshotOf(house)).toMatchObject([{ from: 1 }])
  const bob = await house.device('bob')
  await house.pass(10_000)
  expect(house.sent.some(({ frame, device }) => device === 'bob' && frame.type === 'snapshot')).toBe(true)
  expect(await bob.read()).toEqual(await alice.read())
  await bob.write('reply', 'on top of it')
  await house.pass(10_000)
  expect((await alice.read()).reply).toBe('on top of it')
})

test('[DV11] nothing unacknowledged is in a snapshot', async () => {
  const house = createHouse(31)
  const alice = await house.device('alice')
  await house.pass(2_000)
  house.setWatch((way, frame) => (way === 'up' && frame.type === 'snap' ? false : undefined))
  await writeMuch(house, alice)
  house.setWatch((way, frame) => (way === 'up' && frame.type === 'push' ? false : undefined))
  await alice.write('unsent', 'only here')
  await house.pass(120_000)
  expect(snapshotOf(house)).toEqual([])
})

test('[DV12] of two that compact one keeps its snapshot, the other drops its own and goes on', async () => {
  const house = createHouse(32)
  const alice = await house.device('alice')
  const bob = await house.device('bob')
  await house.pass(2_000)
  await bob.write('here', 'too')
  await house.pass(8_000)
  await writeMuch(house, alice)
  await house.pass(60_000)
  expect(snapsBy(house, 'alice') + snapsBy(house, 'bob')).toBeGreaterThan(0)
  expect(snapshotOf(house).length).toBe(1)
  for (const device of [alice, bob]) expect(device.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect(await bob.read()).toEqual(await alice.read())
})

test('[DV13] what a compactor did not know is given back by whoever knows it', async () => {
  const house = createHouse(33)
  const alice = await house.device('alice')
  await alice.write('one', 'first')
  await house.pass(10_000)
  const bob = await house.device('bob')
  await house.pass(5_000)
  await alice.runner.stop()
  // A flawed compactor: it supersedes the log with a snapshot that lacks what it should contain.
  const { keyholder } = bob.ports
  const state = await bob.log.shard(JOURNAL, bob.ports.relay)
  if (!state.ok) throw new Error('no state')
  const { cursor } = state.value
  await bob.write('two', 'second')
  await house.pass(10_000)
  const after = await bob.log.shard(JOURNAL, bob.ports.relay)
  if (!after.ok) throw new Error('no state')
  const unsealed = await bob.log.load(JOURNAL)
  if (!unsealed.ok) throw new Error('no rows')
  const last = unsealed.value.rows.at(-1)
  const author = await bob.log.author(JOURNAL)
  if (last === undefined || !author.ok) throw new Error('nothing written')
  const own = {
    device: keyholder.device,
    counter: 0,
    innerHash: new Uint8Array(16),
    certificate: keyholder.deviceCertificate
  }
  const shard = await keyholder.shard(JOURNAL)
  const to = after.value.cursor
  const sealed = await keyholder.seal(shard, {
    kind: ENTRY_KIND.snapshot,
    counter: author.value.counter,
    prev: author.value.innerHash,
    seen: { relay: new Uint8Array(4), ...cursor },
    body: encodeSnapshotBody({ from: seq(1), to: to.seq, hashTo: to.hash, covers: [own], document: last.update })
  })
  house.relay.forceSnapshot(shard, { from: seq(1), to: to.seq, hashTo: to.hash, bytes: sealed.bytes })
  await bob.runner.stop()
  // Alice comes back behind the snapshot, knowing more than it.
  const back = await house.device('alice', { database: alice.database })
  await house.pass(60_000)
  expect(back.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  const carol = await house.device('carol')
  await house.pass(40_000)
  expect(await carol.read()).toEqual({ one: 'first', two: 'second' })
})
