import { expect, test } from 'vitest'
import { bytesToHex } from '#core/bytes.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { createRandom } from '#testing/random.ts'
import { createHouse, type House } from './devices.fixture.ts'
import { JOURNAL } from './notebook.fixture.ts'
import { sha256 } from './relay.fixture.ts'

const pushes = (house: House): readonly Extract<DeviceFrame, { readonly type: 'push' }>[] =>
  house.sent.flatMap(({ frame }) => (frame.type === 'push' ? [frame] : []))

const entriesOnDisk = (house: House): readonly string[] =>
  [...house.relay.disk.roots.values()].flatMap((root) =>
    [...root.shards.values()].flatMap((shard) => shard.rows.map((row) => bytesToHex(row.digest)))
  )

test('[DV1] an edit reaches the relay and the other device, which says that it holds it', async () => {
  const house = createHouse(7)
  const alice = await house.device('alice')
  await house.pass(2_000)
  const bob = await house.device('bob')
  await house.pass(2_000)
  await alice.write('one', 'a quiet morning')
  await house.pass(9_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0, safety: 'other-device' })
  expect(await bob.read()).toEqual({ one: 'a quiet morning' })
  expect(alice.facts().otherDevices).toBe(1)
})

test('[DV2] a lost ACK is answered by the same bytes, which the relay stores once', async () => {
  const house = createHouse(8)
  const alice = await house.device('alice')
  await house.pass(2_000)
  let lost = 0
  house.setWatch((_, frame) => (frame.type === 'ack' && lost++ < 3 ? false : undefined))
  await alice.write('one', 'a quiet morning')
  await house.pass(60_000)
  expect(lost).toBeGreaterThan(0)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  const distinct = new Set(pushes(house).flatMap(({ entries }) => entries.map((entry) => bytesToHex(sha256(entry)))))
  expect(distinct.size).toBe(2)
  expect(entriesOnDisk(house).length).toBe(2)
})

test('[DV2] bytes that were kept and not sent before a crash are the ones sent after it', async () => {
  const house = createHouse(9)
  const alice = await house.device('alice')
  await house.pass(2_000)
  house.setWatch((way, frame) => (way === 'up' && frame.type === 'push' ? false : undefined))
  await alice.write('one', 'a quiet morning')
  await house.pass(6_000)
  const kept = await alice.log.unacknowledged(JOURNAL, alice.ports.relay)
  await alice.runner.stop()
  house.setWatch(() => undefined)
  const again = await house.device('alice', { database: alice.database })
  await house.pass(20_000)
  expect(kept.ok && kept.value.map((row) => bytesToHex(row.digest))).toEqual(entriesOnDisk(house))
  expect(again.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
})

test('[DV3] the first entry of a device in a shard is its certificate', async () => {
  const house = createHouse(10)
  const alice = await house.device('alice')
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  expect(pushes(house)[0]?.entries.map((entry) => entry[2])).toEqual([2, 1])
})

test('[DV4] nothing is called saved that was not acknowledged', async () => {
  const house = createHouse(11)
  const alice = await house.device('alice')
  await house.pass(2_000)
  house.setWatch((way, frame) => (way === 'up' && frame.type === 'push' ? false : undefined))
  await alice.write('one', 'a quiet morning')
  for (let second = 0; second < 60; second++) {
    await house.pass(1_000)
    const { status } = alice.facts()
    expect(status).toMatchObject({ waiting: 1 })
    expect(status.kind === 'live' ? status.safety : 'this-device').toBe('this-device')
  }
})

test('[DV4] an acknowledged entry that the relay lost before it came back in the log is sent again', async () => {
  const house = createHouse(12)
  const alice = await house.device('alice')
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  const before = house.copyDisk()
  // ACK arrives, ENTRIES do not; then the relay is an older copy of itself, whose head is this device's own cursor.
  house.setWatch((_, frame) => (frame.type === 'entries' ? false : undefined))
  await alice.write('two', 'an evening')
  alice.runner.urgent()
  await house.pass(100)
  expect(house.sent.filter(({ frame }) => frame.type === 'ack').length).toBe(2)
  house.setWatch(() => undefined)
  house.relay.restart(before)
  await house.pass(60_000)
  const bob = await house.device('bob')
  await house.pass(10_000)
  expect(await bob.read()).toEqual({ one: 'a quiet morning', two: 'an evening' })
})

test('[DV5] typing is sent 5 s after it rests and 10 s after it began; what is urgent at once', async () => {
  const house = createHouse(13)
  const alice = await house.device('alice')
  await house.pass(2_000)
  await alice.write('one', 'a')
  await house.pass(4_900)
  expect(pushes(house).length).toBe(0)
  await house.pass(300)
  expect(pushes(house).length).toBe(1)
  for (let i = 0; i < 9; i++) {
    await alice.write('one', `a${'b'.repeat(i)}`)
    await house.pass(1_000)
  }
  expect(pushes(house).length).toBe(1)
  await alice.write('one', 'abc')
  await house.pass(1_200)
  expect(pushes(house).length).toBe(2)
  await alice.write('two', 'finished')
  await house.pass(10)
  alice.runner.urgent()
  await house.pass(100)
  expect(pushes(house).length).toBe(3)
})

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,.'

/** Text that deflate cannot shrink below three quarters. */
const noise = (length: number): string => {
  const random = createRandom(length)
  return Array.from(random.bytes(length), (byte) => LETTERS[byte & 63]).join('')
}

test('[DV6] a long outbox goes in frames of at most 256 entries and 1,000,000 bytes', async () => {
  const house = createHouse(14)
  const alice = await house.device('alice', { start: false })
  for (let i = 0; i < 4; i++) await alice.write(`long ${i}`, noise(400_000))
  alice.runner.start()
  await house.pass(20_000)
  expect(pushes(house).length).toBeGreaterThan(1)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  const bob = await house.device('bob')
  await house.pass(20_000)
  expect(Object.keys(await bob.read()).length).toBe(4)
})

test('[DV6] an edit too large for an entry stays here, is told, and does not hold back the others', async () => {
  const house = createHouse(15)
  const alice = await house.device('alice')
  await house.pass(2_000)
  await alice.write('huge', noise(1_500_000))
  await alice.write('small', 'all the same')
  await house.pass(12_000)
  expect(alice.facts().status).toEqual({ kind: 'waiting', waiting: 1, why: 'entry-refused', until: null })
  expect((await alice.read()).huge?.length).toBe(1_500_000)
})

test('[DV17] a full relay is told and tried again; nothing is dropped', async () => {
  const house = createHouse(16)
  const alice = await house.device('alice')
  await house.pass(2_000)
  house.relay.restart(house.relay.disk, 10)
  await house.pass(5_000)
  await alice.write('one', 'a quiet morning')
  await house.pass(6_000)
  expect(alice.facts().status).toMatchObject({ kind: 'waiting', why: 'relay-full', waiting: 1 })
  house.relay.restart()
  await house.pass(120_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  expect(entriesOnDisk(house).length).toBe(2)
})

test('[DV17] PAUSE holds back, GOAWAY sends away, and both come back by themselves', async () => {
  const house = createHouse(17)
  const alice = await house.device('alice')
  await house.pass(2_000)
  let said = false
  house.setWatch((way, frame) => {
    if (way !== 'down' || frame.type !== 'time' || said) return undefined
    said = true
    return { type: 'pause', ms: 30_000 }
  })
  await house.pass(25_000)
  expect(alice.facts().status).toMatchObject({ kind: 'waiting', why: 'relay-paused' })
  await alice.write('one', 'a quiet morning')
  await house.pass(10_000)
  expect(pushes(house).length).toBe(0)
  await house.pass(40_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
  said = false
  house.setWatch((way, frame) => {
    if (way !== 'down' || frame.type !== 'time' || said) return undefined
    said = true
    return { type: 'goaway', retryAfterMs: 5_000 }
  })
  await house.pass(22_000)
  expect(said).toBe(true)
  await house.pass(30_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
})

test('[DV17] a socket that goes silent is left and dialled anew', async () => {
  const house = createHouse(18)
  const alice = await house.device('alice')
  await house.pass(2_000)
  house.relay.mute()
  await alice.write('one', 'a quiet morning')
  await house.pass(120_000)
  expect(alice.facts().status).toMatchObject({ kind: 'live', waiting: 0 })
})
