import { expect, test } from 'vitest'
import { room, soonRewritten, writeRows } from './compaction-rig.fixture.ts'
import { openRig } from './open-rig.fixture.ts'

test('a busy room is not rewritten all the time, and still before it grows to four times that', async () => {
  const rig = openRig({ limits: { tailRows: 4, rebuildPauseMs: 15_000 } })
  const alice = rig.client('room')
  await rig.run()
  await writeRows(rig, alice, 5)
  expect(rig.relay.counters.rebuilds).toBe(1)
  await writeRows(rig, alice, 16)
  expect(rig.relay.counters.rebuilds).toBe(1)
  await writeRows(rig, alice, 1)
  expect(rig.relay.counters.rebuilds).toBe(2)
  await rig.run(15_000)
  await writeRows(rig, alice, 5)
  expect(rig.relay.counters.rebuilds).toBe(3)
})

/** A base of 8,000 characters and rows of these sizes after it, by somebody who then leaves. @returns rows that are left */
const leftBehind = async (sizes: readonly number[]): Promise<number> => {
  const { rig, log } = soonRewritten({ limits: { tailRows: 100, tailBytes: 5_000, loadBytes: 600, inlineBytes: 400 } })
  const alice = rig.client('room')
  await rig.run()
  alice.write('a'.repeat(8_000))
  await rig.run()
  expect(rig.relay.counters.rebuilds).toBe(1)
  for (const size of sizes) {
    alice.write('b'.repeat(size))
    await rig.run()
  }
  expect(rig.relay.counters.rebuilds).toBe(1)
  alice.leave()
  await rig.run()
  const record = await log.load(room)
  expect(rig.relay.counters.rooms).toBe(0)
  return record.ok ? record.value.tailRows : -1
}

test('a room that everybody has left keeps no rows that would be heavy to load', async () => {
  expect(await leftBehind([200, 200])).toBe(2)
  expect(await leftBehind([300, 300, 300])).toBe(0)
  expect(await leftBehind([500])).toBe(0)
})
