import { OPEN_CLOSE } from '#core/close-codes.ts'
import { err, type Result } from '#core/result.ts'
import type { NewUpdate, OpenStoreFailure, UpdateLog } from '#server/rooms/open-ports.ts'
import { updateIn } from './recent-rows.ts'
import type { Context, Room, Update } from './room.ts'
import { type PlannedRow, planRows } from './row-plan.ts'

export interface OpenCommitter {
  /** @returns false where the queue is full: nothing was taken. */
  add(room: Room, update: Update): boolean
  /** Resolves when nothing is queued or under way. */
  idle(): Promise<void>
}

type Answer = Result<number, OpenStoreFailure>

/**
 * Group commit over all rooms: the first update waits for company at most `commitWindowMs`, and while one transaction is on its way to the
 * disk the next gathers. One timer for all rooms, one row and one message a room.
 * @param onRow a row is durable, in the order of the store
 */
export const createOpenCommitter = (
  ctx: Context,
  log: UpdateLog,
  onRow: (room: Room, row: PlannedRow, seq: number) => void
): OpenCommitter => {
  const { clock, limits, counters } = ctx
  let rooms: Room[] = []
  let isScheduled = false
  let isUnderWay = false
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
    isScheduled = false
    if (ctx.isHalted()) return
    isUnderWay = true
    const taken = takeBatch()
    const batch: NewUpdate[] = []
    let bytes = 0
    for (const { room, rows } of taken) {
      for (const { message } of rows) {
        const update = updateIn(message)
        bytes += update.byteLength
        batch.push({ room: room.name, bytes: update })
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
    for (const { room, rows } of taken) {
      room.isCommitting = false
      for (const row of rows) finish(room, row, answers[next++], now)
    }
    counters.oldestAt = oldestIn(rooms)
    isUnderWay = false
    if (rooms.length > 0) schedule(0)
    for (const { room } of taken) ctx.settle(room)
    if (rooms.length > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  const schedule = (ms: number): void => {
    if (isScheduled || isUnderWay) return
    isScheduled = true
    clock.after(ms, () => void flush())
  }

  return {
    add(room, update) {
      const size = update.bytes.byteLength
      if (counters.queuedBytes > 0 && counters.queuedBytes + size > limits.queueBytes) return false
      if (room.pending.length === 0) rooms.push(room)
      room.pending.push(update)
      room.pendingBytes += size
      counters.queuedBytes += size
      if (counters.oldestAt === 0) counters.oldestAt = update.at
      schedule(limits.commitWindowMs)
      return true
    },
    idle: () =>
      rooms.length === 0 && !isUnderWay ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))
  }
}
