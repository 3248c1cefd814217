import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { ok } from '#core/result.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { decodeOpenMessage, encodeStep1, encodeUpdate } from '#server/protocol/open/messages.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { createTestMerger, openRig } from './open-rig.fixture.ts'
import { createTestSocket, kindsOf, type TestSocket } from './test-socket.fixture.ts'

const structsIn = (socket: TestSocket): number => {
  let structs = 0
  for (const bytes of socket.received) {
    const message = decodeOpenMessage(bytes)
    const facts = message.kind === 'update' ? readUpdate(message.update) : undefined
    if (facts?.ok) for (const runs of facts.value.runs.values()) for (const [from, to] of runs) structs += to - from
  }
  return structs
}

const counted = () => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const merger = createTestMerger()
  const reads = { base: 0, rows: 0, diffs: 0 }
  return {
    reads,
    rig: openRig({
      log: {
        ...log,
        readBase: (...args) => {
          reads.base++
          return log.readBase(...args)
        },
        readAfter: (...args) => {
          reads.rows++
          return log.readAfter(...args)
        }
      },
      merger: {
        ...merger,
        diff: (...args) => {
          reads.diffs++
          return merger.diff(...args)
        }
      },
      limits: { tailRows: 5 }
    })
  }
}

/** A room whose base and rows both hold text and deletions. */
const filled = async () => {
  const { rig, reads } = counted()
  const writer = rig.client('room')
  await rig.run()
  const partly: Y.Doc[] = []
  for (let i = 0; i < 10; i++) {
    writer.write(`word ${i} `)
    if (i % 3 === 0) writer.doc.getText('text').delete(0, 2)
    await rig.run(20)
    if (i === 2 || i === 8) {
      const copy = new Y.Doc()
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(writer.doc))
      partly.push(copy)
    }
  }
  await rig.run(2_000)
  expect(rig.relay.counters.rebuilds).toBeGreaterThan(0)
  writer.doc.getText('text').delete(3, 1)
  await rig.run()
  Object.assign(reads, { base: 0, rows: 0, diffs: 0 })
  return { rig, reads, writer, partly }
}

test('[OR4] on connect the relay says what it holds and who is present', async () => {
  const rig = openRig()
  const alice = rig.client('room', { isPresent: true })
  alice.write('hello')
  await rig.run()
  const socket = createTestSocket()
  rig.connect(socket)
  await rig.run()
  expect(kindsOf(socket)).toEqual(['step1', 'awareness'])
  expect(socket.received[0]).toEqual(encodeStep1(Y.encodeStateVector(alice.doc)))
})

test('[OR4] what lies behind a gap is not claimed until the gap is filled', async () => {
  const rig = openRig()
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of 'abc') doc.getText('text').insert(0, letter)
  const alice = rig.client('room')
  await rig.run()
  const claim = async (): Promise<number> => {
    const socket = createTestSocket()
    rig.connect(socket)
    await rig.run()
    const [first] = socket.received
    const message = decodeOpenMessage(first ?? new Uint8Array())
    return message.kind === 'step1' ? (Y.decodeStateVector(message.stateVector).get(doc.clientID) ?? 0) : -1
  }
  const send = async (index: number): Promise<void> => {
    alice.send(encodeUpdate(updates[index] ?? new Uint8Array()))
    await rig.run()
  }
  await send(0)
  await send(2)
  expect(await claim()).toBe(1)
  const bob = rig.client('room')
  await rig.run()
  await send(1)
  expect(await claim()).toBe(3)
  expect(bob.text()).toBe('cba')
})

test('[OR5] an answer ends in one step 2, and goes to nobody else', async () => {
  const { rig, writer, partly } = await filled()
  const before = writer.socket.received.length
  for (const doc of [new Y.Doc(), ...partly]) {
    const client = rig.client('room', { doc })
    await rig.run()
    const kinds = kindsOf(client.socket)
    expect(kinds.filter((kind) => kind === 'step2')).toEqual(['step2'])
    expect(kinds.at(-1)).toBe('step2')
    expect(client.text()).toBe(writer.text())
  }
  expect(writer.socket.received.length).toBe(before)
})

test('[OR6] a client that lacks nothing gets the delete set alone, and no base is read', async () => {
  const { rig, reads, writer } = await filled()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(writer.doc))
  const client = rig.client('room', { doc })
  await rig.run()
  expect(client.synced).toBe(1)
  expect(structsIn(client.socket)).toBe(0)
  expect(reads).toEqual({ base: 0, rows: 0, diffs: 0 })
  const answer = client.socket.received.find((bytes) => bytes[1] === 1)
  expect(answer?.subarray(3)).toEqual(Y.encodeStateAsUpdate(writer.doc, Y.encodeStateVector(writer.doc)))
})

test('[OR6] deletions that happened while a client was away reach it though it lacks no structs', async () => {
  const { rig, writer } = await filled()
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(writer.doc))
  writer.doc.getText('text').delete(0, 4)
  await rig.run()
  const client = rig.client('room', { doc })
  await rig.run()
  expect(client.text()).toBe(writer.text())
})

test('[OR7] who has the base gets rows alone; who lacks some of it a diff; who has nothing the base as it is stored', async () => {
  const { rig, reads, partly } = await filled()
  const [old, recent] = partly
  if (old === undefined || recent === undefined) throw new Error('no copies')
  const rows = rig.client('room', { doc: recent })
  await rig.run()
  expect(reads).toEqual({ base: 0, rows: 0, diffs: 0 })
  expect(structsIn(rows.socket)).toBeGreaterThan(0)
  const diff = rig.client('room', { doc: old })
  await rig.run()
  expect(reads).toEqual({ base: 1, rows: 0, diffs: 1 })
  await rig.run(5_000)
  const crowd = Array.from({ length: 5 }, () => rig.client('room'))
  await rig.run()
  expect(reads).toEqual({ base: 2, rows: 0, diffs: 1 })
  const base = rig.disk.rooms
  expect(base.size).toBe(0)
  const sent = crowd.map(({ socket }) => socket.received[1])
  for (const bytes of sent) expect(bytes).toBe(sent[0])
  for (const each of [rows, diff, ...crowd]) expect(each.text()).toBe(rows.text())
})

test('[OR7] who comes while a commit is under way gets it, in the answer or after it', async () => {
  for (let ms = 0; ms <= 12; ms++) {
    const { rig, writer } = await filled()
    writer.write('late')
    await rig.run(ms)
    const client = rig.client('room')
    await rig.run(ms)
    writer.write('later')
    await rig.run()
    expect(client.text()).toBe(writer.text())
  }
})

test('[OR7] a base that is replaced while it is read is read again', async () => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  let release: (() => void)[] = []
  let isHeld = false
  const rig = openRig({
    log: {
      ...log,
      readBase: async (room, upto) => {
        const stale = isHeld
        if (stale) await new Promise<void>((resolve) => release.push(resolve))
        return stale ? ok(undefined) : log.readBase(room, upto)
      }
    },
    limits: { tailRows: 3 }
  })
  const writer = rig.client('room')
  await rig.run()
  for (let i = 0; i < 4; i++) {
    writer.write('a')
    await rig.run(20)
  }
  await rig.run(3_000)
  expect(rig.relay.counters.rebuilds).toBe(1)
  isHeld = true
  const reader = rig.client('room')
  await rig.run()
  expect(release.length).toBe(1)
  isHeld = false
  for (let i = 0; i < 4; i++) {
    writer.write('b')
    await rig.run(20)
  }
  expect(rig.relay.counters.rebuilds).toBe(2)
  for (const each of release) each()
  release = []
  await rig.run()
  expect(reader.text()).toBe('aaaabbbb')
  expect(reader.synced).toBe(1)
})

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
