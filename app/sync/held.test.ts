import { expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { createBench } from './bench.ts'
import { createHouse, type House, type TestDevice } from './devices.fixture.ts'
import { JOURNAL, KEYRING } from './notebook.fixture.ts'
import { perform } from './perform.ts'
import { survey } from './survey.ts'

/** "On another of your devices" is the furthest claim there is: each way in which it was once false stands here. */

const saidBy = (house: House, device: string): number =>
  house.sent.filter(({ way, device: name, frame }) => way === 'up' && name === device && frame.type === 'ephemeral')
    .length

const safetyOf = (device: TestDevice): string => {
  const { status } = device.facts()
  return status.kind === 'live' ? status.safety : status.kind
}

test('[DV18] a device that only reads says that it holds what it read, and its author hears it', async () => {
  const house = createHouse(70)
  const alice = await house.device('alice')
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  expect(safetyOf(alice)).toBe('relay')
  await house.device('bob')
  await house.pass(10_000)
  expect(saidBy(house, 'bob')).toBeGreaterThan(0)
  expect(safetyOf(alice)).toBe('other-device')
})

test('[DV18] what another device said while the author was away is asked for, and answered once', async () => {
  const house = createHouse(75)
  const alice = await house.device('alice')
  await house.device('bob')
  await house.pass(2_000)
  // Alice goes as soon as her line is acknowledged: Bob's word comes to nobody.
  house.setWatch(
    (way, frame, device) => !(way === 'down' && device === 'alice' && frame.type === 'ephemeral') && undefined
  )
  await alice.write('one', 'a quiet morning')
  await house.pass(20_000)
  house.setWatch(() => undefined)
  await alice.runner.stop()
  const again = await house.device('alice', { database: alice.database })
  const before = saidBy(house, 'bob')
  await house.pass(60_000)
  expect(safetyOf(again)).toBe('other-device')
  expect(saidBy(house, 'bob') - before).toBe(1)
})

test('[DV18] what was pulled is flushed before it is said to be held: a power cut would take it back', async () => {
  const house = createHouse(71)
  const alice = await house.device('alice')
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  const bob = await house.device('bob', { start: false })
  const modes: string[] = []
  bob.setFate((mode) => {
    if (mode !== 'read') modes.push(mode)
    return 'proceed'
  })
  const before: (string | undefined)[] = []
  house.setWatch((way, frame, device) => {
    if (way === 'up' && device === 'bob' && frame.type === 'ephemeral') before.push(modes.at(-1))
    return undefined
  })
  bob.runner.start()
  await house.pass(10_000)
  expect(modes).toContain('write')
  expect(before).toEqual(['durable'])
})

test('[DV18] entries that do not open are not held: nothing is said, and own entries have seen nothing', async () => {
  const house = createHouse(72)
  const writer = await house.device('writer', { start: false })
  await writer.write('hand', 'made')
  const rows = await writer.log.unsealed(JOURNAL)
  const { keyholder } = (await house.device('hand', { start: false })).ports
  const shard = await keyholder.shard(JOURNAL)
  const lonely = await keyholder.seal(shard, {
    kind: ENTRY_KIND.update,
    counter: 2,
    prev: new Uint8Array(16).fill(1),
    seen: { relay: new Uint8Array(4), seq: seq(0), hash: EMPTY_CHAIN_HASH },
    body: rows.ok ? (rows.value[0]?.update ?? new Uint8Array()) : new Uint8Array()
  })
  const alice = await house.device('alice')
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  await house.relay.append(shard, [lonely.bytes])
  const bob = await house.device('bob')
  await house.pass(10_000)
  expect(bob.facts().notices).toContainEqual({ kind: 'entries-not-readable-yet', count: 1 })
  expect(saidBy(house, 'bob')).toBe(0)
  await bob.write('two', 'answered')
  await house.pass(10_000)
  const stored = [...house.relay.disk.roots.values()].flatMap(
    (root) => root.shards.get(shard)?.rows.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes])) ?? []
  )
  const opened = await keyholder.open(shard, [], stored.slice(-2))
  expect(opened.map((each) => (each.status === 'update' ? each.seen.seq : each.status))).toEqual(['certificate', 0])
  expect(safetyOf(alice)).not.toBe('other-device')
})

test('[DV18] what a profile wrote under the key it had before it found a copy of itself is its own still', async () => {
  const house = createHouse(73)
  const alice = await house.device('alice')
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  await alice.runner.stop()
  const bench = createBench(alice.ports)
  await perform(bench, { type: 'renew-device' }, () => {})
  expect(bench.keyholder.device).not.toBe(alice.ports.keyholder.device)
  expect(await survey(bench)).toMatchObject({
    docs: [
      { path: KEYRING, ownSeq: 0 },
      { path: JOURNAL, ownSeq: 2 }
    ]
  })
})

test('[DV18] what another tab of this device has read counts as own, as long as nobody said otherwise', async () => {
  const house = createHouse(74)
  const first = await house.device('alice')
  const second = await house.device('alice', { database: first.database })
  // Bob holds the keyring, and never asks for the journal.
  await house.device('bob', { ports: { documents: async () => [KEYRING] } })
  await house.pass(5_000)
  await first.write('year', '2026', KEYRING)
  await first.write('one', 'a quiet morning')
  await house.pass(20_000)
  expect([safetyOf(first), safetyOf(second)]).toEqual(['relay', 'relay'])
})
