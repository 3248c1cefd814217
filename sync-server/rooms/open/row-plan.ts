import { takeRun } from '#server/protocol/open/held.ts'
import type { Ranges } from '#server/protocol/open/ranges.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import { mergeMany } from './merge-many.ts'
import { rowMessage } from './recent-rows.ts'
import type { Member, Room, RowMessage, Update } from './room.ts'

/** What becomes one row and one message: updates that a room took within one commit. */
export interface PlannedRow {
  readonly updates: readonly Update[]
  readonly message: RowMessage
  /** The update that the message carries. */
  readonly bytes: Uint8Array
  /** Flat: client, from, to. */
  readonly runs: readonly number[]
  readonly hasDeletes: boolean
  /** The only socket that sent of it: it needs no copy. */
  readonly sole: Member | undefined
}

/** Runs of several updates as one flat list; a client's typing joins into one run. */
const joinRuns = (updates: readonly Update[]): number[] => {
  const runs: number[] = []
  const lastByClient = new Map<number, number>()
  for (const update of updates) {
    for (const [client, list] of update.runs) {
      for (const run of list) {
        const last = lastByClient.get(client)
        if (last !== undefined && runs[last + 2] === run[0]) {
          runs[last + 2] = run[1]
        } else {
          lastByClient.set(client, runs.length)
          runs.push(client, run[0], run[1])
        }
      }
    }
  }
  return runs
}

const flatRuns = (update: Update): number[] => {
  const runs: number[] = []
  for (const [client, list] of update.runs) for (const run of list) runs.push(client, run[0], run[1])
  return runs
}

/** The commonest row: one update, whose message goes on as it came. */
const planOne = (update: Update): PlannedRow => ({
  updates: [update],
  message:
    update.message === undefined
      ? rowMessage(update.bytes)
      : { bytes: update.message, at: update.message.byteLength - update.bytes.byteLength },
  bytes: update.bytes,
  runs: flatRuns(update),
  hasDeletes: update.deletes !== undefined,
  sole: update.member
})

const holdsRun = (list: readonly (readonly [number, number])[] | undefined, from: number, to: number): boolean =>
  list?.some((run) => run[0] <= from && run[1] >= to) === true

/** Merging is another's code on bytes that anybody sent: what it leaves out would be lost for good. @returns undefined where it does. */
const merge = (updates: readonly Update[]): Uint8Array | undefined => {
  try {
    const merged = mergeMany(updates.map(({ bytes }) => bytes))
    const facts = readUpdate(merged)
    if (!facts.ok) return undefined
    for (const { runs } of updates) {
      for (const [client, list] of runs) {
        const held = facts.value.runs.get(client)
        for (const run of list) if (!holdsRun(held, run[0], run[1])) return undefined
      }
    }
    return merged
  } catch {
    return undefined
  }
}

const plan = (updates: readonly Update[]): PlannedRow[] => {
  const [first] = updates
  const merged = updates.length > 1 ? merge(updates) : undefined
  if (merged === undefined) return updates.map(planOne)
  return [
    {
      updates,
      message: rowMessage(merged),
      bytes: merged,
      runs: joinRuns(updates),
      hasDeletes: updates.some(({ deletes }) => deletes !== undefined),
      sole: updates.every(({ member }) => member === first?.member) ? first?.member : undefined
    }
  ]
}

/** Whether the update joins `clocks` without a gap; then it is taken into them. */
const joins = (update: Update, clocks: Map<number, number>, held: ReadonlyMap<number, number>): boolean => {
  for (const [client, list] of update.runs) {
    let clock = clocks.get(client) ?? held.get(client) ?? 0
    for (const [from, to] of list) {
      if (from > clock) return false
      clock = Math.max(clock, to)
    }
  }
  const islands: Ranges = new Map()
  for (const [client, list] of update.runs) {
    if (!clocks.has(client)) clocks.set(client, held.get(client) ?? 0)
    for (const [from, to] of list) takeRun(clocks, islands, client, from, to)
  }
  return true
}

/** Updates behind a gap are parted from the others: a row of both could not enter the base before the gap is filled. */
const partByGaps = (
  room: Room,
  updates: readonly Update[]
): { whole: readonly Update[]; gapped: readonly Update[] } => {
  const clocks = new Map<number, number>()
  const whole: Update[] = []
  let open = updates
  for (;;) {
    const left = open.filter((update) => {
      if (!joins(update, clocks, room.held.clocks)) return true
      whole.push(update)
      return false
    })
    if (left.length === 0 || left.length === open.length) return { whole, gapped: left }
    open = left
  }
}

/** Large updates are rows of their own, since merging them here would hold up every socket; so are those behind a gap. */
export const planRows = (room: Room, updates: readonly Update[], inlineBytes: number): PlannedRow[] => {
  const [first] = updates
  if (updates.length === 1 && first !== undefined) return [planOne(first)]
  const { whole, gapped } = partByGaps(room, updates)
  const rows: PlannedRow[] = []
  let group: Update[] = []
  let bytes = 0
  for (const update of whole) {
    if (bytes + update.bytes.byteLength > inlineBytes && group.length > 0) {
      rows.push(...plan(group))
      group = []
      bytes = 0
    }
    group.push(update)
    bytes += update.bytes.byteLength
  }
  rows.push(...plan(group), ...gapped.map(planOne))
  return rows
}
