import type { Base, RoomName, StageId, UpdateRow } from '#server/rooms/open-ports.ts'

/** What a memory update log would have on its disk: outlives the log, so that a test can crash it or copy it. */

export interface DiskBase extends Base {
  readonly mark: number
  readonly stage: StageId
}

export interface DiskRoom {
  readonly head: number
  /** Ascending. After a crash in the middle of an adoption rows inside the base may be left: no reader sees them. */
  readonly rows: UpdateRow[]
  readonly base: DiskBase | undefined
  readonly staged: DiskBase | undefined
  /** Parts of a base on their way to be staged: left over where the process died meanwhile. */
  readonly draft: readonly Uint8Array[]
}

export interface MemoryRoomDisk {
  /** Stagings so far: of all copies of a disk, since an older one that is put back must not give a number again. */
  readonly stagings: { count: number }
  readonly rooms: Map<RoomName, DiskRoom>
}

/**
 * What becomes durable one by one. The append of a batch is one; a base is written in parts and then staged; an adoption
 * swaps in one step, and what it replaced is swept away in another.
 */
export type RoomDiskStep = 'append' | 'stage-part' | 'stage' | 'adopt' | 'sweep'

export const createMemoryRoomDisk = (): MemoryRoomDisk => ({ stagings: { count: 0 }, rooms: new Map() })

export const copyMemoryRoomDisk = (disk: MemoryRoomDisk): MemoryRoomDisk => ({
  stagings: disk.stagings,
  rooms: new Map([...disk.rooms].map(([name, room]) => [name, { ...room, rows: [...room.rows] }]))
})
