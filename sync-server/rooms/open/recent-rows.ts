import { encodeUpdate, varUintLength } from '#server/protocol/open/messages.ts'
import { rowsAfter, type TailRow } from '#server/protocol/open/tail.ts'
import type { OpenCounters } from './open-counters.ts'
import type { OpenLimits } from './open-limits.ts'
import type { Room, RowMessage } from './room.ts'

export const rowMessage = (update: Uint8Array): RowMessage => ({
  bytes: encodeUpdate(update),
  at: 2 + varUintLength(update.byteLength)
})

export const updateIn = (row: RowMessage): Uint8Array => row.bytes.subarray(row.at)

/**
 * The newest rows of the rooms that are written to, within one bound for all: who looked away for a moment needs no read. A room's rows lie
 * behind one another in one buffer, and its tail tells where each begins: kept one by one they would weigh ten times as much, and
 * every collection of garbage would walk them.
 */
export interface RecentRows {
  /** @param update the newest row of the room, which its tail names already */
  keep(room: Room, update: Uint8Array): void
  /** The messages of these rows, if all are here. */
  find(room: Room, rows: readonly TailRow[]): readonly RowMessage[] | undefined
  /** Rows up to `upto` are about to leave the tail. */
  trim(room: Room, upto: number): void
  drop(room: Room): void
}

const SMALLEST_BUFFER = 256

export const createRecentRows = (limits: OpenLimits, counters: OpenCounters): RecentRows => {
  /** By when their buffers last grew: the first is the one to give up. */
  const rooms = new Set<Room>()

  const drop = (room: Room): void => {
    rooms.delete(room)
    counters.recentBytes -= room.recent?.byteLength ?? 0
    room.recent = undefined
    room.recentUsed = 0
    room.recentFrom = room.head + 1
  }

  const cut = (room: Room, bytes: number, from: number): void => {
    room.recent?.copyWithin(0, bytes, room.recentUsed)
    room.recentUsed -= bytes
    room.recentFrom = from
  }

  /** The older half goes at once, so that a busy room does not move its bytes for every row. */
  const halve = (room: Room, size: number): void => {
    let bytes = 0
    let from = room.recentFrom
    for (const row of rowsAfter(room.tail, room.recentFrom - 1)) {
      if (room.recentUsed - bytes + size <= limits.recentBytesPerRoom / 2) break
      if (bytes === room.recentUsed) break
      bytes += row.size
      from = row.seq + 1
    }
    cut(room, bytes, from)
  }

  const grow = (room: Room, needed: number): Uint8Array => {
    let size = Math.max(SMALLEST_BUFFER, room.recent?.byteLength ?? 0)
    while (size < needed) size *= 2
    const buffer = new Uint8Array(size)
    if (room.recent !== undefined) buffer.set(room.recent.subarray(0, room.recentUsed))
    counters.recentBytes += size - (room.recent?.byteLength ?? 0)
    room.recent = buffer
    rooms.delete(room)
    rooms.add(room)
    for (const oldest of rooms) {
      if (counters.recentBytes <= limits.recentBytes || oldest === room) break
      drop(oldest)
    }
    return buffer
  }

  return {
    keep(room, update) {
      const size = update.byteLength
      if (size > limits.recentBytesPerRoom / 8) {
        // One edit, not a document; and the rows here end at the head, which without this one they would not.
        drop(room)
        return
      }
      if (room.recentUsed === 0) room.recentFrom = room.head
      else if (room.recentUsed + size > limits.recentBytesPerRoom) halve(room, size)
      const needed = room.recentUsed + size
      const buffer = room.recent !== undefined && room.recent.byteLength >= needed ? room.recent : grow(room, needed)
      buffer.set(update, room.recentUsed)
      room.recentUsed = needed
    },
    find(room, rows) {
      const [first] = rows
      if (first === undefined) return []
      if (room.recent === undefined || first.seq < room.recentFrom) return undefined
      const found: RowMessage[] = []
      let at = 0
      for (const { seq, size } of rowsAfter(room.tail, room.recentFrom - 1)) {
        if (seq === rows[found.length]?.seq) found.push(rowMessage(room.recent.subarray(at, at + size)))
        at += size
      }
      return found.length === rows.length ? found : undefined
    },
    trim(room, upto) {
      if (room.recentFrom > upto) return
      let bytes = 0
      for (const { seq, size } of rowsAfter(room.tail, room.recentFrom - 1)) if (seq <= upto) bytes += size
      cut(room, Math.min(bytes, room.recentUsed), upto + 1)
    },
    drop
  }
}
