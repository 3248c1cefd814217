import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { decodeOpenMessage, encodeStep1 } from '#server/protocol/open/messages.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { openRig } from './open-rig.fixture.ts'
import { createTestSocket, kindsOf } from './test-socket.fixture.ts'

test('[OR5] who is shown what another relay made of a room is synced by the answer to its own step 1 alone', async () => {
  const scheduler = createScheduler()
  const on = createMemoryBus()
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const origin = (from: number) => ({ random: (bytes: number) => new Uint8Array(bytes).fill(from) })
  const loads: (() => void)[] = []
  let isHeld = false
  const held: typeof log = {
    ...log,
    async load(room) {
      if (isHeld) await new Promise<void>((resolve) => loads.push(resolve))
      return log.load(room)
    }
  }
  const one = openRig({ scheduler, on, log, limits: { tailRows: 3 }, ...origin(1) })
  // It hears nothing of the other until it writes itself.
  const two = openRig({ scheduler, on: createMemoryBus(), log: held, limits: { tailRows: 1_000 }, ...origin(2) })
  const writer = one.client('room')
  writer.write('before ')
  await one.run()
  const reader = two.client('room')
  // This one asks for nothing yet, as a client whose step 1 is on its way.
  const late = createTestSocket()
  const line = two.connect(late)
  await two.run()
  expect(kindsOf(late)).toEqual(['step1'])
  for (let i = 0; i < 10; i++) {
    writer.write(`word ${i} `)
    writer.doc.getText('text').delete(0, 1)
    await one.run(20)
  }
  await one.run(2_000)
  expect(one.relay.counters.rebuilds).toBeGreaterThan(0)
  isHeld = true
  reader.write('after ')
  await two.run()
  expect(loads.length).toBe(1)
  const newcomer = two.client('room')
  newcomer.write('brought along ')
  await two.run()
  isHeld = false
  for (const each of loads) each()
  await two.run()
  expect(kindsOf(late)).not.toContain('step2')
  expect(kindsOf(late)).toContain('update')
  expect(reader.synced).toBe(1)
  expect(kindsOf(newcomer.socket).slice(0, 2)).toEqual(['step1', 'update'])
  line.message(encodeStep1(new Uint8Array([0])))
  await two.run()
  expect(kindsOf(late).at(-1)).toBe('step2')
  const doc = new Y.Doc()
  for (const bytes of late.received) {
    const message = decodeOpenMessage(bytes)
    if (message.kind === 'update') Y.applyUpdate(doc, message.update)
  }
  expect(doc.getText('text').toString()).toBe(reader.text())
  expect(reader.text()).toContain('brought along')
  expect(reader.text()).toContain('word 9')
  expect(newcomer.text()).toBe(reader.text())
})

test('[OR18] who is behind when a room is loaded anew misses nothing of what came before', async () => {
  const scheduler = createScheduler()
  const on = createMemoryBus()
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const origin = (from: number) => ({ random: (bytes: number) => new Uint8Array(bytes).fill(from) })
  const one = openRig({ scheduler, on, log, limits: { tailRows: 3 }, ...origin(1) })
  const two = openRig({
    scheduler,
    on: createMemoryBus(),
    log,
    limits: { tailRows: 1_000, bufferBytes: 100 },
    ...origin(2)
  })
  const writer = two.client('room')
  const slow = two.client('room')
  const other = one.client('room')
  await two.run()
  slow.socket.isStalled = true
  for (let i = 0; i < 10; i++) {
    writer.write(`a long enough word ${i} `)
    await two.run(20)
  }
  expect(two.relay.counters.behind).toBe(1)
  for (let i = 0; i < 10; i++) {
    other.write(`from elsewhere ${i} `)
    await one.run(20)
  }
  await one.run(2_000)
  expect(one.relay.counters.rebuilds).toBeGreaterThan(0)
  writer.write('the end')
  await two.run()
  slow.read()
  await two.run()
  expect(slow.text()).toBe(writer.text())
  expect(slow.text()).toContain('from elsewhere 9')
  expect(slow.synced).toBe(1)
})
