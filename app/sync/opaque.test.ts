import { expect, test } from 'vitest'
import type { Keyholder } from '#app/vault/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { createHouse, type TestDevice } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'

type House = ReturnType<typeof createHouse>

const SEEN = { relay: new Uint8Array(4), seq: seq(0), hash: EMPTY_CHAIN_HASH }

/** A device that was never started, to seal entries by hand. */
const hand = async (house: House): Promise<Keyholder> => (await house.device('hand', { start: false })).ports.keyholder

const bodyOf = async (device: TestDevice, id: string, text: string): Promise<Uint8Array> => {
  await device.write(id, text)
  const rows = await device.log.unsealed(JOURNAL)
  const last = rows.ok ? rows.value.at(-1) : undefined
  if (last === undefined) throw new Error('nothing written')
  return last.update
}

const sealTwo = async (house: House, writer: TestDevice) => {
  const keyholder = await hand(house)
  const shard = await keyholder.shard(JOURNAL)
  const certificate = await keyholder.seal(shard, {
    kind: ENTRY_KIND.deviceCertificate,
    counter: 1,
    prev: new Uint8Array(16),
    seen: SEEN,
    body: keyholder.deviceCertificate
  })
  const update = await keyholder.seal(shard, {
    kind: ENTRY_KIND.update,
    counter: 2,
    prev: certificate.innerHash,
    seen: SEEN,
    body: await bodyOf(writer, 'hand', 'made')
  })
  return { shard, certificate: certificate.bytes, update: update.bytes }
}

test('[DV8] an entry without its certificate waits, is told, holds up compaction, and opens when the certificate comes', async () => {
  const house = createHouse(40)
  const writer = await house.device('writer', { start: false })
  const { shard, certificate, update } = await sealTwo(house, writer)
  const alice = await house.device('alice')
  await alice.write('mine', 'seen')
  await house.pass(10_000)
  await house.relay.append(shard, [update])
  alice.cut()
  await house.pass(10_000)
  expect(alice.facts().notices).toContainEqual({ kind: 'entries-not-readable-yet', count: 1 })
  expect(await alice.read()).toEqual({ mine: 'seen' })
  await house.relay.append(shard, [certificate])
  await house.pass(60_000)
  expect(await alice.read()).toEqual({ mine: 'seen', hand: 'made' })
  expect(alice.facts().notices).toEqual([])
})

test('[DV9] an entry that proves to be bad is passed over, and what follows is read', async () => {
  const house = createHouse(41)
  const writer = await house.device('writer', { start: false })
  const { shard, certificate, update } = await sealTwo(house, writer)
  const spoiled = update.slice()
  spoiled[spoiled.length - 1] = (spoiled.at(-1) ?? 0) ^ 1
  const alice = await house.device('alice')
  await alice.write('mine', 'seen')
  await house.pass(10_000)
  await house.relay.append(shard, [spoiled, certificate, update])
  alice.cut()
  await house.pass(20_000)
  expect(await alice.read()).toEqual({ mine: 'seen', hand: 'made' })
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
})

test('[DV9] a body that is no document is never handed to the store', async () => {
  const house = createHouse(42)
  const keyholder = await hand(house)
  const shard = await keyholder.shard(JOURNAL)
  const certificate = await keyholder.seal(shard, {
    kind: ENTRY_KIND.deviceCertificate,
    counter: 1,
    prev: new Uint8Array(16),
    seen: SEEN,
    body: keyholder.deviceCertificate
  })
  const nonsense = await keyholder.seal(shard, {
    kind: ENTRY_KIND.update,
    counter: 2,
    prev: certificate.innerHash,
    seen: SEEN,
    body: Uint8Array.of(255, 255, 255, 1, 2, 3)
  })
  const alice = await house.device('alice')
  await alice.write('mine', 'seen')
  await house.pass(10_000)
  await house.relay.append(shard, [certificate.bytes, nonsense.bytes])
  alice.cut()
  await house.pass(20_000)
  const loaded = await alice.log.load(JOURNAL)
  expect(loaded.ok && loaded.value.rows.length).toBe(1)
  expect(await alice.read()).toEqual({ mine: 'seen' })
})

test('[DV14] an entry that nobody here can open is given back too', async () => {
  const house = createHouse(43)
  const writer = await house.device('writer', { start: false })
  const { shard, certificate, update } = await sealTwo(house, writer)
  const alice = await house.device('alice')
  await alice.write('mine', 'seen')
  await house.pass(10_000)
  const before = house.copyDisk()
  await house.relay.append(shard, [update])
  alice.cut()
  await house.pass(10_000)
  house.relay.restart(before)
  await house.pass(90_000)
  await house.relay.append(shard, [certificate])
  const bob = await house.device('bob')
  await house.pass(60_000)
  expect(await bob.read()).toEqual({ mine: 'seen', hand: 'made' })
})
