import { err, ok, type Result } from '#core/result.ts'
import { addAll, copyRanges, coversAll, decodeDeletes, type Ranges } from '#server/protocol/open/ranges.ts'
import { type Clocks, decodeStateVector } from '#server/protocol/open/state-vector.ts'
import { rowsAfter, type Settled, settle, tailAfter, tailTotals } from '#server/protocol/open/tail.ts'
import type { Base, Merger, UpdateLog, UpdateRow } from '#server/rooms/open-ports.ts'
import type { Rebasing } from './rebasing.ts'
import type { RecentRows } from './recent-rows.ts'
import type { Context, Room } from './room.ts'

export interface Compaction {
  /** Rewrites the base in its turn, if the rows after it have become many. */
  consider(room: Room): void
}

/** Takes a row that lies behind a gap anew, so that those before it may go. Resolves once that is durable. */
export type Carry = (room: Room, update: Uint8Array) => Promise<boolean>

const PAGE_BYTES = 1_000_000
/** Another relay of the store has rewritten the base: nothing failed, and there is nothing to do. */
const MOVED = 'another relay has rewritten the base'
/** Who did not append the newest row leaves the rewriting to who did, which knows of it first, for so long and up to as long again. */
const LEAVE_TO_OTHER_MS = 3_000
/** Bytes compared without giving the event loop its turn. */
const COMPARE_BYTES = 1_000_000

const sameClocks = (a: Clocks, b: Clocks): boolean => {
  if (a.size !== b.size) return false
  for (const [client, clock] of a) if (b.get(client) !== clock) return false
  return true
}

/** A room that everybody has left is rewritten for less, since the next who comes reads it from the store. */
const EMPTY_ROOM_SHARE = 0.5

/** Of a room that was rewritten a moment ago: a busy one would be rewritten all the time, each time for few rows. */
const PAUSING_ROOM_SHARE = 4

/** What would be read on another thread before anyone is answered, who would then all be sent it beside the base. */
const isHeavyToLoad = ({ tail, tailBytes }: Room, { loadBytes, inlineBytes }: Context['limits']): boolean =>
  tailBytes > loadBytes || rowsAfter(tail, 0).some(({ size }) => size > inlineBytes)

const isDue = (room: Room, limits: Context['limits'], now: number): boolean => {
  const isEmpty = room.members.length === 0
  const isPausing = now - room.rebuiltAt < limits.rebuildPauseMs
  const share = isEmpty ? EMPTY_ROOM_SHARE : isPausing ? PAUSING_ROOM_SHARE : 1
  return (
    room.tailRows > share * limits.tailRows ||
    room.tailBytes > share * Math.max(limits.tailBytes, (room.base?.size ?? 0) / 2) ||
    (isEmpty && isHeavyToLoad(room, limits))
  )
}

export const createCompaction = (
  ctx: Context,
  log: UpdateLog,
  merger: Merger,
  recent: RecentRows,
  carry: Carry,
  rebasing: Rebasing,
  random: (bytes: number) => Uint8Array
): Compaction => {
  const { clock, limits, counters } = ctx
  const waiting: Room[] = []
  let busy = 0

  const turn = (): Promise<void> => new Promise((resolve) => clock.after(0, resolve))

  const sameBytes = async (a: Uint8Array, b: Uint8Array): Promise<boolean> => {
    if (a.byteLength !== b.byteLength) return false
    for (let from = 0; from < a.byteLength; from += COMPARE_BYTES) {
      const to = Math.min(a.byteLength, from + COMPARE_BYTES)
      for (let i = from; i < to; i++) if (a[i] !== b[i]) return false
      if (to < a.byteLength) await turn()
    }
    return true
  }

  const readTail = async (room: Room, upto: number): Promise<Result<UpdateRow[], string>> => {
    const rows: UpdateRow[] = []
    for (let after = room.base?.upto ?? 0; after < upto; ) {
      const page = await log.readAfter(room.name, after, PAGE_BYTES)
      if (!page.ok) return err(page.error.kind)
      const end = page.value.at(-1)?.seq
      if (end === undefined) return err('rows are gone')
      for (const row of page.value) if (row.seq <= upto) rows.push(row)
      after = end
    }
    return ok(rows)
  }

  /** What was built must hold all that it replaces, whatever built it. */
  const holdsAll = (room: Room, settled: Settled, deletes: Ranges, made: Base): boolean => {
    const clocks = decodeStateVector(made.stateVector)
    const deleted = decodeDeletes(made.deletes)
    const before = room.base === undefined ? undefined : decodeDeletes(room.base.deletes)
    // Deletions of rows that were carried over stay in those.
    const kept: Ranges = deleted.ok ? copyRanges(deleted.value) : new Map()
    addAll(kept, room.deletesSince ?? new Map())
    return (
      clocks.ok &&
      deleted.ok &&
      sameClocks(clocks.value, settled.clocks) &&
      (before === undefined || (before.ok && coversAll(deleted.value, before.value))) &&
      coversAll(kept, deletes)
    )
  }

  const store = async (room: Room, expected: number, base: Base, mark: number): Promise<Result<void, string>> => {
    const staged = await log.stage(room.name, base, mark)
    if (!staged.ok) return err(staged.error.kind)
    const back = await log.readBase(room.name, base.upto)
    if (!back.ok) return err(back.error.kind)
    if (back.value === undefined || !(await sameBytes(back.value, base.bytes)))
      return err('the staged base reads back changed')
    const adopted = await log.adopt(room.name, expected, staged.value)
    return adopted.ok ? ok(undefined) : err(adopted.error.kind)
  }

  const replace = (room: Room, base: Base, mark: number): void => {
    const { bytes, ...head } = base
    const clocks = decodeStateVector(base.stateVector)
    room.base = { ...head, mark, size: bytes.byteLength }
    room.baseClocks = clocks.ok ? clocks.value : new Map()
    recent.trim(room, base.upto)
    room.tail = tailAfter(room.tail, base.upto)
    const totals = tailTotals(room.tail)
    room.tailRows = totals.rows
    room.tailBytes = totals.bytes
    const deleted = decodeDeletes(base.deletes)
    const all: Ranges = deleted.ok ? deleted.value : new Map()
    const since = room.deletesSince ?? new Map()
    addAll(all, since)
    room.held = { ...room.held, baseDeletes: base.deletes, tailDeletes: since, allDeletes: room.held.allDeletes && all }
    room.deletesAnswer = undefined
    room.tailAnswer = undefined
    room.baseAnswers = undefined
  }

  const rebuild = async (room: Room): Promise<Result<void, string>> => {
    // Another relay may have done it a moment ago.
    if (await rebasing.refresh(room)) return err(MOVED)
    const { head: upto, mark, forks } = room
    const expected = room.base?.upto ?? 0
    const settled = settle(room.tail, upto, room.baseClocks)
    const deletes = copyRanges(room.held.tailDeletes)
    room.deletesSince = new Map()
    const oldBase = room.base === undefined ? ok(undefined) : await log.readBase(room.name, room.base.upto)
    if (!oldBase.ok || (room.base !== undefined && oldBase.value === undefined)) return err('the base cannot be read')
    const rows = await readTail(room, upto)
    if (!rows.ok) return rows
    const behind = rows.value.filter(({ seq }) => settled.behindGaps.has(seq))
    const inside = rows.value.filter(({ seq }) => !settled.behindGaps.has(seq))
    if (inside.length === 0) return err('all rows lie behind a gap')
    const carried = await Promise.all(behind.map(({ bytes }) => carry(room, bytes)))
    if (carried.includes(false)) return err('the rows behind a gap could not be carried')
    const made = await merger.rebuild(oldBase.value, inside)
    if (!made.ok) return made
    const base: Base = { ...made.value, upto }
    if (!holdsAll(room, settled, deletes, base)) return err('the new base holds less')
    const stored = await store(room, expected, base, mark)
    if (!stored.ok) return stored
    // What is known of the room is of another history by now, and is being read anew.
    if (room.forks !== forks) return err(MOVED)
    replace(room, base, mark)
    return ok(undefined)
  }

  const run = async (room: Room): Promise<void> => {
    busy++
    room.isRebuilding = true
    let result: Result<void, string>
    try {
      result = await rebuild(room)
    } catch (cause) {
      result = err(String(cause))
    }
    busy--
    room.isRebuilding = false
    room.deletesSince = undefined
    if (ctx.isHalted()) return
    if (!result.ok && (await rebasing.refresh(room))) result = err(MOVED)
    if (ctx.isHalted()) return
    if (!result.ok && result.error === MOVED) {
      room.rebuiltAt = clock.now()
    } else if (result.ok) {
      counters.rebuilds++
      room.rebuiltAt = clock.now()
    } else {
      counters.failedRebuilds++
      room.rebuildNotBefore = clock.now() + limits.rebuildRetryMs
      ctx.failed(room, `rebuild: ${result.error}`)
    }
    next()
    ctx.settle(room)
  }

  /** All relays that have a room open find it due at the same moment, and one rewriting is enough. */
  const isLeftToOther = (room: Room, now: number): boolean => {
    if (room.link === undefined || room.isLastOwn) return false
    if (room.leftToOtherAt > 0 && now - room.leftToOtherAt < 10 * LEAVE_TO_OTHER_MS) {
      room.leftToOtherAt = 0
      return false
    }
    const wait = LEAVE_TO_OTHER_MS * (1 + (random(1)[0] ?? 0) / 256)
    room.leftToOtherAt = now
    room.rebuildNotBefore = now + wait
    clock.after(wait, () => ctx.settle(room))
    return true
  }

  const next = (): void => {
    while (busy < limits.rebuilds) {
      const room = waiting.shift()
      if (room === undefined) break
      room.isRebuildWaiting = false
      if (room.state === 'open') void run(room)
    }
    counters.rebuildsWaiting = waiting.length
  }

  return {
    consider(room) {
      if (room.isRebuilding || room.isRebuildWaiting || room.state !== 'open') return
      const now = clock.now()
      if (room.rebuildNotBefore > now || !isDue(room, limits, now)) return
      if (isLeftToOther(room, now)) return
      room.isRebuildWaiting = true
      waiting.push(room)
      next()
    }
  }
}
