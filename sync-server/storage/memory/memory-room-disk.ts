import type { Base, RoomName, UpdateRow } from '#server/rooms/open-ports.ts'

/** What a memory update log would have on its disk: outlives the log, so that a test can crash it or copy it. */

export interface DiskRoom {
  readonly head: number
  /** Ascending. After a crash in the middle of an adoption rows inside the base may be left: no reader sees them. */
  readonly rows: UpdateRow[]
  readonly base: Base | undefined
  readonly staged: Base | undefined
  /** Parts of a base on their way to be staged: left over where the process died meanwhile. */
  readonly draft: readonly Uint8Array[]
}

export interface MemoryRoomDisk {
  readonly rooms: Map<RoomName, DiskRoom>
}

/**
 * What becomes durable one by one. The append of a batch is one; a base is written in parts and then staged; an adoption
 * swaps in one step, and what it replaced is swept away in another.
 */
export type RoomDiskStep = 'append' | 'stage-part' | 'stage' | 'adopt' | 'sweep'

export const createMemoryRoomDisk = (): MemoryRoomDisk => ({ rooms: new Map() })

export const copyMemoryRoomDisk = (disk: MemoryRoomDisk): MemoryRoomDisk => ({
  rooms: new Map([...disk.rooms].map(([name, room]) => [name, { ...room, rows: [...room.rows] }]))
})
