import { encodeUpdate, varUintLength } from '#server/protocol/open/messages.ts'
import type { TailRow } from '#server/protocol/open/tail.ts'
import type { OpenCounters } from './open-counters.ts'
import type { OpenLimits } from './open-limits.ts'
import type { Room, RowMessage } from './room.ts'

/** An array, its buffer and the object around them weigh more than most updates. */
const OVERHEAD_BYTES = 300

export const rowMessage = (update: Uint8Array): RowMessage => ({
  bytes: encodeUpdate(update),
  at: 2 + varUintLength(update.byteLength)
})

export const updateIn = (row: RowMessage): Uint8Array => row.bytes.subarray(row.at)

/** The newest rows of the rooms that are written to, within one bound for all: of two clients, the one that looked away for a moment needs no read. */
export interface RecentRows {
  keep(room: Room, row: RowMessage): void
  /** The messages of these rows, if all are here. */
  find(room: Room, rows: readonly TailRow[]): readonly RowMessage[] | undefined
  drop(room: Room): void
}

export const createRecentRows = (limits: OpenLimits, counters: OpenCounters): RecentRows => {
  /** By when they were last written to: the first is the one to give up. */
  const rooms = new Set<Room>()

  const drop = (room: Room): void => {
    rooms.delete(room)
    counters.recentBytes -= room.recentBytes
    room.recentBytes = 0
    room.recent = []
  }

  const shrink = (room: Room): void => {
    let dropped = 0
    let bytes = room.recentBytes
    // A quarter at once, so that a busy room does not move its list for every row.
    while (dropped < room.recent.length && bytes > 0.75 * limits.recentBytesPerRoom) {
      bytes -= (room.recent[dropped]?.bytes.byteLength ?? 0) + OVERHEAD_BYTES
      dropped++
    }
    room.recent.splice(0, dropped)
    counters.recentBytes -= room.recentBytes - bytes
    room.recentBytes = bytes
  }

  return {
    keep(room, row) {
      const size = row.bytes.byteLength + OVERHEAD_BYTES
      if (size > limits.recentBytesPerRoom) {
        // The list ends at the head: without this row it would not.
        drop(room)
        return
      }
      room.recent.push(row)
      room.recentBytes += size
      counters.recentBytes += size
      if (room.recentBytes > limits.recentBytesPerRoom) shrink(room)
      if (counters.recentBytes <= limits.recentBytes) {
        if (room.recent.length === 1) rooms.add(room)
        return
      }
      rooms.delete(room)
      rooms.add(room)
      for (const oldest of rooms) {
        if (counters.recentBytes <= limits.recentBytes || oldest === room) break
        drop(oldest)
      }
    },
    find(room, rows) {
      const first = room.head - room.recent.length + 1
      const found: RowMessage[] = []
      for (const { seq } of rows) {
        const message = seq < first ? undefined : room.recent[seq - first]
        if (message === undefined) return undefined
        found.push(message)
      }
      return found
    },
    drop
  }
}
