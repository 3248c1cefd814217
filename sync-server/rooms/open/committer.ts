import { OPEN_CLOSE } from '#core/close-codes.ts'
import { err, type Result } from '#core/result.ts'
import type { AppendedRow, NewUpdate, OpenStoreFailure, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Context, Room, Update } from './room.ts'
import { type PlannedRow, planRows } from './row-plan.ts'

export interface OpenCommitter {
  /** @returns false where the queue is full: nothing was taken. */
  add(room: Room, update: Update): boolean
  /** Resolves when nothing is queued or under way. */
  idle(): Promise<void>
}

type Answer = Result<AppendedRow, OpenStoreFailure>

/** So many at once in one room are a burst; at an even pace each waits for the next one's company. */
const BURST = 4
/** A burst is over when nothing more of it came for so long. */
const QUIET_MS = 1
/** At once: within so long. As many as the last time are all only where they came at once; of an even pace they are the beginning. */
const AT_ONCE_MS = 2

/**
 * Group commit over all rooms: the first update waits for company at most `commitWindowMs`, and while one transaction is on its way to the
 * disk the next gathers. Where a room has as many as it had the last time, or has several and is quiet, nobody is waited for: those who
 * write as fast as they are answered would else write once a window. One timer for all rooms, one row and one message a room.
 * @param onRow a row is durable, in the order of the store
 */
export const createOpenCommitter = (
  ctx: Context,
  log: UpdateLog,
  onRow: (room: Room, row: PlannedRow, place: AppendedRow) => void
): OpenCommitter => {
  const { clock, limits, counters } = ctx
  let rooms: Room[] = []
  let isUnderWay = false
  /** When the next commit begins at the latest; 0 = nothing is waited for. */
  let dueAt = 0
  let cancel: () => void = () => {}
  let isBurst = false
  let taken = 0
  let takenAtLook = 0
  let waiting: (() => void)[] = []

  const commit = async (batch: readonly NewUpdate[]): Promise<readonly Answer[]> => {
    try {
      return await log.append(batch)
    } catch (cause) {
      return batch.map(() => err({ kind: 'store', reason: String(cause) }))
    }
  }

  /** Rooms with what they give to this batch; what is over the bound stays for the next. */
  const takeBatch = (): { readonly room: Room; readonly rows: readonly PlannedRow[] }[] => {
    const taken: { room: Room; rows: readonly PlannedRow[] }[] = []
    const later: Room[] = []
    let bytes = 0
    for (const room of rooms) {
      if (bytes > limits.batchBytes) {
        later.push(room)
        continue
      }
      const updates = room.pending
      bytes += room.pendingBytes
      room.pending = []
      room.lastTaken = updates.length
      room.isCommitting = true
      taken.push({ room, rows: planRows(room, updates, limits.inlineBytes) })
    }
    rooms = later
    return taken
  }

  const oldestIn = (from: readonly Room[]): number => {
    let oldest = 0
    for (const { pending } of from) {
      const at = pending[0]?.at ?? 0
      if (at > 0 && (oldest === 0 || at < oldest)) oldest = at
    }
    return oldest
  }

  const refuse = (room: Room, row: PlannedRow, failure: OpenStoreFailure): void => {
    counters.failedCommits++
    ctx.failed(room, failure.kind === 'store' ? failure.reason : failure.kind)
    const code = failure.kind === 'room-full' ? OPEN_CLOSE.tooLarge : OPEN_CLOSE.unavailable
    for (const { member, done } of row.updates) {
      if (member !== undefined) ctx.close(member, code)
      done?.(false)
    }
  }

  const finish = (room: Room, row: PlannedRow, answer: Answer | undefined, now: number): void => {
    for (const { bytes, at } of row.updates) {
      room.pendingBytes -= bytes.byteLength
      counters.queuedBytes -= bytes.byteLength
      const lag = now - at
      if (lag > counters.lagMsMax) counters.lagMsMax = lag
    }
    if (answer?.ok !== true) {
      refuse(room, row, answer?.error ?? { kind: 'store', reason: 'the store gave no answer' })
      return
    }
    counters.committedRows++
    counters.committedUpdates += row.updates.length
    counters.lagMsSum += now - (row.updates[0]?.at ?? now)
    onRow(room, row, answer.value)
    for (const { done } of row.updates) done?.(true)
  }

  const flush = async (): Promise<void> => {
    dueAt = 0
    isBurst = false
    if (ctx.isHalted()) return
    isUnderWay = true
    const parts = takeBatch()
    const batch: NewUpdate[] = []
    let bytes = 0
    for (const { room, rows } of parts) {
      for (const row of rows) {
        bytes += row.bytes.byteLength
        batch.push({ room: room.name, bytes: row.bytes })
      }
    }
    const began = clock.now()
    const answers = await commit(batch)
    if (ctx.isHalted()) return
    const now = clock.now()
    counters.commits++
    counters.committedBytes += bytes
    counters.commitMsSum += now - began
    if (now - began > counters.commitMsMax) counters.commitMsMax = now - began
    let next = 0
    for (const { room, rows } of parts) {
      room.isCommitting = false
      for (const row of rows) finish(room, row, answers[next++], now)
    }
    counters.oldestAt = oldestIn(rooms)
    isUnderWay = false
    if (rooms.length > 0) open(Math.max(0, limits.commitWindowMs - (now - counters.oldestAt)))
    for (const { room } of parts) ctx.settle(room)
    if (rooms.length > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  const wait = (ms: number, run: () => void): void => {
    cancel()
    cancel = clock.after(ms, run)
  }

  /** A window, unless one is open or a commit under way. */
  const open = (ms: number): void => {
    if (dueAt > 0 || isUnderWay) return
    dueAt = clock.now() + ms
    if (rooms.some(isComplete)) end()
    else if (rooms.some(isMany)) watch()
    else wait(ms, () => void flush())
  }

  /** When the work at hand is done, so that what came in the same turn comes along. */
  const end = (): void => {
    isBurst = true
    wait(0, () => void flush())
  }

  const isMany = ({ pending }: Room): boolean => {
    const last = pending.length - 1
    return last + 1 >= BURST && (pending[last]?.at ?? 0) - (pending[last + 1 - BURST]?.at ?? 0) <= AT_ONCE_MS
  }
  const isComplete = ({ pending, lastTaken }: Room): boolean =>
    lastTaken >= BURST && pending.length >= lastTaken && clock.now() - (pending[0]?.at ?? 0) <= AT_ONCE_MS

  const watch = (): void => {
    isBurst = true
    takenAtLook = taken
    wait(QUIET_MS, look)
  }

  const look = (): void => {
    if (taken === takenAtLook || clock.now() >= dueAt) void flush()
    else watch()
  }

  return {
    add(room, update) {
      const size = update.bytes.byteLength
      if (counters.queuedBytes > 0 && counters.queuedBytes + size > limits.queueBytes) return false
      if (room.pending.length > 0) room.pending.push(update)
      else {
        rooms.push(room)
        // A new list: one that had grown old while it was empty would carry its updates through every collection of young garbage.
        room.pending = [update]
      }
      room.pendingBytes += size
      counters.queuedBytes += size
      taken++
      if (counters.oldestAt === 0) counters.oldestAt = update.at
      open(limits.commitWindowMs)
      if (isUnderWay) return true
      if (room.pending.length === room.lastTaken && isComplete(room)) end()
      else if (!isBurst && isMany(room)) watch()
      return true
    },
    idle: () =>
      rooms.length === 0 && !isUnderWay ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))
  }
}
