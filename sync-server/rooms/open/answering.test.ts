import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { ok } from '#core/result.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { filled, structsIn } from './answering-rig.fixture.ts'
import { openRig } from './open-rig.fixture.ts'
import { kindsOf } from './test-socket.fixture.ts'

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
