import { expect, test } from 'vitest'
import { counted } from './answering-rig.fixture.ts'

/** A room of rows alone, too large to be kept in memory; the writer is in it. */
const rowsOf = async (sizes: readonly number[]) => {
  const { rig, reads } = counted({ tailBytes: 1e6, tailRows: 100 })
  const writer = rig.client('room')
  await rig.run()
  for (const size of sizes) {
    writer.write('x'.repeat(size))
    await rig.run()
  }
  Object.assign(reads, { base: 0, rows: 0, diffs: 0 })
  return { rig, reads, writer }
}

test('[OR7] rows are read once for all who come at the same time', async () => {
  const { rig, reads, writer } = await rowsOf([20_000, 30_000, 20_000])
  const crowd = Array.from({ length: 30 }, () => rig.client('room'))
  await rig.run()
  for (const each of crowd) expect(each.text()).toBe(writer.text())
  expect(reads.rows).toBe(1)
  // And not kept for whoever may come one day.
  await rig.run(3_000)
  rig.client('room')
  await rig.run()
  expect(reads.rows).toBe(2)
})

test('[OR7] who lacks a row more than another has it read, and no more', async () => {
  const { rig, reads, writer } = await rowsOf([20_000, 300_000])
  const first = rig.client('room')
  await rig.run()
  expect(reads.rows).toBe(2)
  writer.write('y'.repeat(30_000))
  await rig.run()
  const second = rig.client('room')
  await rig.run()
  expect(reads.rows).toBe(3)
  for (const each of [first, second]) expect(each.text()).toBe(writer.text())
})

test('[OR7] a large row goes to all from one buffer, small ones beside it as one message', async () => {
  const { rig, writer } = await rowsOf([20_000, 20_000, 100_000, 20_000, 20_000])
  const crowd = Array.from({ length: 3 }, () => rig.client('room'))
  await rig.run()
  for (const each of crowd) expect(each.text()).toBe(writer.text())
  const sizes = crowd.map(({ socket }) => socket.received.filter(({ byteLength }) => byteLength > 10_000))
  expect(sizes.map((messages) => messages.length)).toEqual([3, 3, 3])
  for (const messages of sizes) expect(messages[1]).toBe(sizes[0]?.[1])
  expect(sizes[0]?.[1]?.byteLength).toBeGreaterThan(100_000)
})

test('[OR7] rows that were read before the base was rewritten answer nobody after it', async () => {
  const { rig, reads, writer } = await rowsOf([20_000, 20_000])
  rig.client('room')
  await rig.run()
  writer.write('z'.repeat(1_000_000))
  await rig.run()
  expect(rig.relay.counters.rebuilds).toBe(1)
  Object.assign(reads, { base: 0, rows: 0 })
  const late = rig.client('room')
  await rig.run()
  expect(late.text()).toBe(writer.text())
  expect(reads).toMatchObject({ base: 1, rows: 0 })
})
