import { decodeDeletes, notCovered } from '#server/protocol/open/ranges.ts'
import { decodeStateVector } from '#server/protocol/open/state-vector.ts'
import { tailAfter, tailTotals } from '#server/protocol/open/tail.ts'
import type { BaseHead, UpdateLog } from '#server/rooms/open-ports.ts'
import type { RecentRows } from './recent-rows.ts'
import type { Context, Room } from './room.ts'

/** Another relay of the same store may rewrite a room's base at any time: the one that was known is then gone, and so are the rows in it. */
export interface Rebasing {
  /**
   * Asks the store which base is current. One that holds only what this relay has shown already takes its place in memory, and nobody
   * is told anything; one that holds more has the room loaded anew.
   * @returns whether there was another
   */
  refresh(room: Room): Promise<boolean>
}

export const createRebasing = (
  ctx: Context,
  log: UpdateLog,
  recent: RecentRows,
  reload: (room: Room) => void
): Rebasing => {
  /** @returns false where it cannot be read. */
  const takeBase = (room: Room, base: BaseHead): boolean => {
    const clocks = decodeStateVector(base.stateVector)
    const deletes = decodeDeletes(base.deletes)
    if (!clocks.ok || !deletes.ok) return false
    room.base = base
    room.baseClocks = clocks.value
    recent.trim(room, base.upto)
    room.tail = tailAfter(room.tail, base.upto)
    const totals = tailTotals(room.tail)
    room.tailRows = totals.rows
    room.tailBytes = totals.bytes
    // Which rows deleted what is not known any more; what the base has not is theirs.
    const tailDeletes = notCovered(room.held.tailDeletes, deletes.value)
    room.held = { ...room.held, baseDeletes: base.deletes, tailDeletes, allDeletes: undefined }
    room.deletesAnswer = undefined
    room.tailAnswer = undefined
    room.baseAnswers = undefined
    return true
  }

  return {
    async refresh(room) {
      if (room.link === undefined || room.state !== 'open') return false
      const record = await log.load(room.name).catch((cause: unknown) => {
        ctx.failed(room, String(cause))
        return undefined
      })
      if (record?.ok !== true || ctx.isHalted() || room.state !== 'open') return false
      const { base } = record.value
      if (base === undefined || base.upto === (room.base?.upto ?? 0)) return false
      const isHere = base.upto < room.head || (base.upto === room.head && base.mark === room.mark)
      const isKnown = isHere && base.upto > (room.base?.upto ?? 0)
      if (!isKnown || !takeBase(room, base)) reload(room)
      return true
    }
  }
}
