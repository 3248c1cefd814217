import type { Merger, RoomName, UpdateLog } from '#server/rooms/open-ports.ts'
import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import type { OpenLimits } from './open-limits.ts'
import { type Client, createTestMerger, openRig } from './open-rig.fixture.ts'

/** Rooms that are rewritten soon. */

export const room = 'room' as RoomName

export const soonRewritten = (
  change: {
    log?: (log: UpdateLog) => Partial<UpdateLog>
    merger?: (merger: Merger) => Partial<Merger>
    limits?: Partial<OpenLimits>
  } = {}
) => {
  const disk = createMemoryRoomDisk()
  const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
  const merger = createTestMerger()
  const rig = openRig({
    log: { ...log, ...change.log?.(log) },
    merger: { ...merger, ...change.merger?.(merger) },
    limits: { tailRows: 4, ...change.limits }
  })
  return { rig, disk, log }
}

export const writeRows = async (rig: ReturnType<typeof openRig>, client: Client, rows: number): Promise<void> => {
  for (let i = 0; i < rows; i++) {
    client.write(`${i} `)
    await rig.run(20)
  }
}
