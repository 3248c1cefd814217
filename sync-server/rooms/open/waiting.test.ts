import { expect, test } from 'vitest'
import { encodeUpdate } from '#server/protocol/open/messages.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { createTestMerger, openRig } from './open-rig.fixture.ts'
import { createTestSocket } from './test-socket.fixture.ts'

const limits = { queueBytes: 100_000, inlineBytes: 20_000 }
/** Nothing comes of it until it is let go. */
const gate = () => {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

test('[OR20] what is said to rooms that are still loading has one bound for all, and what fits is read in its order', async () => {
  const { open, opened } = gate()
  const log = createMemoryUpdateLog({ disk: createMemoryRoomDisk(), roomBytes: 1e9 })
  const rig = openRig({ limits, log: { ...log, load: (room) => opened.then(() => log.load(room)) } })
  const alice = rig.client('room')
  alice.write('kept')
  const flood = Array.from({ length: 20 }, (_, i) => {
    const socket = createTestSocket()
    const handle = rig.connect(socket, { path: `room-${i}` })
    for (let n = 0; n < 10; n++) handle.message(new Uint8Array(1_000).fill(9))
    return { socket, handle }
  })
  expect(rig.relay.counters.waitingBytes).toBeGreaterThan(80_000)
  expect(rig.relay.counters.waitingBytes).toBeLessThanOrEqual(limits.queueBytes)
  const closes = flood.map(({ socket }) => socket.closedWith)
  expect(new Set(closes)).toEqual(new Set([undefined, 4503]))
  // Who leaves has said it all the same.
  for (const { handle } of flood.slice(0, 4)) handle.closed()
  expect(rig.relay.counters.waitingBytes).toBeLessThanOrEqual(limits.queueBytes)
  open()
  await rig.run()
  expect([rig.relay.counters.waitingBytes, alice.socket.closedWith]).toEqual([0, undefined])
  const late = rig.client('room')
  await rig.run()
  expect(late.text()).toBe('kept')
})

test('[OR20] large updates that another thread has not read share that bound', async () => {
  const { open, opened } = gate()
  const merger = createTestMerger()
  const rig = openRig({ limits, merger: { ...merger, inspect: (update) => opened.then(() => merger.inspect(update)) } })
  const sockets = Array.from({ length: 6 }, () => createTestSocket())
  const handles = sockets.map((socket, i) => rig.connect(socket, { path: `room-${i}` }))
  await rig.run()
  const large = rig.client('room')
  large.write('x'.repeat(30_000))
  for (const handle of handles) handle.message(encodeUpdate(new Uint8Array(30_000).fill(255)))
  expect(sockets.map(({ closedWith }) => closedWith)).toEqual([undefined, undefined, 4503, 4503, 4503, 4503])
  open()
  await rig.run()
  expect(rig.relay.counters.waitingBytes).toBe(0)
  const late = rig.client('room')
  await rig.run()
  expect(late.text().length).toBe(30_000)
})
