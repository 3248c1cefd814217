import { err, ok, type Result } from '#core/result.ts'
import { createHeld, takeDeletes, takeRuns } from '#server/protocol/open/held.ts'
import { addAll, decodeDeletes } from '#server/protocol/open/ranges.ts'
import { appendRow } from '#server/protocol/open/tail.ts'
import type {
  AppendedRow,
  Merger,
  RoomPlace,
  RoomRecord,
  UpdateFacts,
  UpdateLog,
  UpdateRow
} from '#server/rooms/open-ports.ts'
import type { RecentRows } from './recent-rows.ts'
import type { Context, Room } from './room.ts'
import type { PlannedRow } from './row-plan.ts'
import { factsOf } from './row-reading.ts'

const PAGE_BYTES = 256_000
const ATTEMPTS = 5

const flatRuns = (facts: UpdateFacts): number[] => {
  const runs: number[] = []
  for (const [client, list] of facts.runs) for (const run of list) runs.push(client, run[0], run[1])
  return runs
}

/** A row as the store holds it enters what the room knows of itself. */
export const takeRow = (room: Room, row: UpdateRow, facts: UpdateFacts): Result<void, 'undecodable'> => {
  const deletes = facts.deletes === undefined ? undefined : decodeDeletes(facts.deletes)
  if (deletes?.ok === false) return err('undecodable')
  takeRuns(room.held, facts.runs)
  if (deletes !== undefined) {
    takeDeletes(room.held, deletes.value)
    if (room.deletesSince !== undefined) addAll(room.deletesSince, deletes.value)
    room.deletesAnswer = undefined
  }
  room.step1 = undefined
  appendRow(room.tail, row.seq, row.bytes.byteLength, deletes !== undefined, flatRuns(facts))
  room.tailBytes += row.bytes.byteLength
  room.tailRows++
  room.head = row.seq
  room.mark = row.mark
  return ok(undefined)
}

/** Whether a row of this relay's own is the next one of what it knows: others append too, and the store may have gone back. */
export const leadsOn = ({ head, mark, link }: Room, { seq, before }: AppendedRow): boolean =>
  seq === head + 1 && (link === undefined || before === mark)

/** A row of this relay's own, which was read when it came. */
export const takeOwnRow = (room: Room, row: PlannedRow, { seq, mark }: RoomPlace): void => {
  for (const { runs, deletes } of row.updates) {
    takeRuns(room.held, runs)
    if (deletes === undefined) continue
    takeDeletes(room.held, deletes)
    if (room.deletesSince !== undefined) addAll(room.deletesSince, deletes)
  }
  const size = row.bytes.byteLength
  appendRow(room.tail, seq, size, row.hasDeletes, row.runs)
  room.tailBytes += size
  room.tailRows++
  room.head = seq
  room.mark = mark
  room.step1 = undefined
  if (row.hasDeletes) room.deletesAnswer = undefined
}

/** Reads the base's head and the rows after it, page by page: the event loop has its turn between two pages. */
export const loadRoom = async (
  ctx: Context,
  log: UpdateLog,
  merger: Merger,
  recent: RecentRows,
  room: Room
): Promise<Result<void, string>> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = await log.load(room.name)
    if (!record.ok) return err(record.error.kind === 'store' ? record.error.reason : record.error.kind)
    if (ctx.isHalted()) return err('halted')
    const opened = begin(room, record.value)
    if (!opened.ok) return opened
    recent.drop(room)
    const read = await readTail(ctx, log, merger, recent, room, record.value)
    if (read !== 'moved') return read
  }
  return err('the room kept being rewritten while it was read')
}

const begin = (room: Room, { base }: RoomRecord): Result<void, string> => {
  const held = createHeld(base)
  if (!held.ok) return err('the state vector of the base cannot be read')
  room.base = base
  room.baseClocks = new Map(held.value.clocks)
  room.held = held.value
  room.tail = []
  room.tailBytes = 0
  room.tailRows = 0
  room.head = base?.upto ?? 0
  room.mark = base?.mark ?? 0
  room.step1 = undefined
  room.deletesAnswer = undefined
  room.tailAnswer = undefined
  room.baseAnswers = undefined
  return ok(undefined)
}

const readTail = async (
  ctx: Context,
  log: UpdateLog,
  merger: Merger,
  recent: RecentRows,
  room: Room,
  { head, tailBytes }: RoomRecord
): Promise<Result<void, string> | 'moved'> => {
  // Megabytes of rows are read on the other thread, and rewritten as soon as the room is open.
  const inlineBytes = tailBytes > ctx.limits.loadBytes ? 0 : ctx.limits.inlineBytes
  while (room.head < head) {
    const page = await log.readAfter(room.name, room.head, PAGE_BYTES, room.mark)
    if (!page.ok && page.error.kind === 'fork') return 'moved'
    if (!page.ok) return err(page.error.kind === 'store' ? page.error.reason : page.error.kind)
    if (ctx.isHalted()) return err('halted')
    if (page.value.length === 0) return 'moved'
    for (const row of page.value) {
      if (row.seq !== room.head + 1) return 'moved'
      const facts = await factsOf(merger, row.bytes, inlineBytes)
      if (!facts.ok || !takeRow(room, row, facts.value).ok) return err(`row ${row.seq} cannot be read`)
      recent.keep(room, row.bytes)
    }
  }
  return ok(undefined)
}
