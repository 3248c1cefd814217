import { expect, test } from 'vitest'
import type { Base, RoomName, StageId } from '#server/rooms/open-ports.ts'
import { updateLogContract } from '#server/rooms/update-log.contract.ts'
import { copyMemoryRoomDisk, createMemoryRoomDisk, type RoomDiskStep } from './memory-room-disk.ts'
import { createMemoryUpdateLog } from './memory-update-log.ts'

updateLogContract('memory', async () => {
  const disk = createMemoryRoomDisk()
  let relayBytes = Number.POSITIVE_INFINITY
  return {
    open: async (roomBytes = 1e9) => ({
      ...createMemoryUpdateLog({ disk, roomBytes, relayBytes: () => relayBytes }),
      close: async () => {}
    }),
    fill: async () => {
      relayBytes = 10
      return async () => {
        relayBytes = Number.POSITIVE_INFINITY
      }
    },
    async copy() {
      const copy = copyMemoryRoomDisk(disk)
      return async () => {
        disk.rooms.clear()
        for (const [name, kept] of copy.rooms) disk.rooms.set(name, kept)
      }
    },
    [Symbol.asyncDispose]: async () => {}
  }
})

const room = 'a' as RoomName
const base: Base = {
  upto: 2,
  bytes: new Uint8Array(10).fill(5),
  stateVector: new Uint8Array([1]),
  deletes: new Uint8Array([2])
}

const settled = <Value>(promise: Promise<Value>): Promise<Value | 'never'> =>
  Promise.race([promise, new Promise<'never'>((resolve) => setImmediate(() => resolve('never')))])

test.each<[RoomDiskStep, { rows: number; base: number | undefined }]>([
  ['append', { rows: 0, base: undefined }],
  ['stage-part', { rows: 3, base: undefined }],
  ['stage', { rows: 3, base: undefined }],
  ['adopt', { rows: 3, base: undefined }],
  ['sweep', { rows: 1, base: 2 }]
])('a process that dies before %s leaves what was durable, and no call is answered', async (step, left) => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9, partBytes: 4, isCut: (each) => each === step })
  const three = [1, 2, 3].map((fill) => ({ room, bytes: new Uint8Array([fill]) }))
  const appended = await settled(log.append(three))
  if (step === 'append') expect(appended).toBe('never')
  else {
    const staged = await settled(log.stage(room, base))
    if (step.startsWith('stage')) expect(staged).toBe('never')
    else expect(await settled(log.adopt(room, 0, 1 as StageId))).toBe('never')
  }
  expect(await settled(log.load(room))).toBe('never')
  const after = createMemoryUpdateLog({ disk: copyMemoryRoomDisk(disk), roomBytes: 1e9 })
  const loaded = await after.load(room)
  expect(loaded).toMatchObject({ ok: true, value: { head: left.rows === 0 ? 0 : 3, tailRows: left.rows } })
  expect(loaded.ok && loaded.value.base?.upto).toBe(left.base)
  // The disk that died is as it was: its copy went on alone.
  expect(disk.rooms.get(room)?.draft.length ?? 0).toBe(step === 'stage-part' ? 0 : step === 'stage' ? 3 : 0)
})
