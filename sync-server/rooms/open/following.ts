import type { Merger, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Delivery } from './delivery.ts'
import { takeRow } from './loading.ts'
import { type RecentRows, rowMessage } from './recent-rows.ts'
import type { Context, Room } from './room.ts'
import { factsOf } from './row-reading.ts'

const PAGE_BYTES = 256_000

/**
 * Rows that another relay of the same store appended are read and shown. The store is the truth: whatever says that there are some,
 * a hint or a jump in the sequence, only starts the reading.
 */
export const createFollowing = (
  ctx: Context,
  log: UpdateLog,
  merger: Merger,
  recent: RecentRows,
  delivery: Delivery,
  onStale: (room: Room) => void
): ((room: Room) => void) => {
  /** @returns whether the room must be loaded anew: another relay has rewritten its base. */
  const read = async (room: Room): Promise<boolean> => {
    for (;;) {
      const page = await log.readAfter(room.name, room.head, PAGE_BYTES)
      if (ctx.isHalted() || room.state !== 'open') return false
      if (!page.ok) {
        ctx.failed(room, page.error.kind)
        return false
      }
      if (page.value.length === 0) return false
      for (const row of page.value) {
        if (row.seq !== room.head + 1) return true
        const facts = await factsOf(merger, row.bytes, ctx.limits.inlineBytes)
        if (ctx.isHalted() || room.state !== 'open') return false
        if (!facts.ok || !takeRow(room, row, facts.value).ok) {
          ctx.failed(room, `row ${row.seq} cannot be read`)
          return false
        }
        recent.keep(room, row.bytes)
        delivery.tellAll(room, rowMessage(row.bytes))
      }
    }
  }

  const follow = (room: Room): void => {
    if (room.state !== 'open') return
    if (room.isFollowing) {
      room.followsAgain = true
      return
    }
    room.isFollowing = true
    room.followsAgain = false
    read(room)
      .catch((cause: unknown) => {
        ctx.failed(room, String(cause))
        return false
      })
      .then((isStale) => {
        room.isFollowing = false
        if (isStale) onStale(room)
        // What was appended after the last page was read.
        else if (room.followsAgain) follow(room)
        ctx.settle(room)
      })
  }
  return follow
}
