import { err, ok, type Result } from '#core/result.ts'
import { encodeUpdate } from '#server/protocol/open/messages.ts'
import type { TailRow } from '#server/protocol/open/tail.ts'
import type { BaseHead, Merger, OpenStoreFailure, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { mergeMany } from './merge-many.ts'
import { type RecentRows, rowMessage, updateIn } from './recent-rows.ts'
import type { Context, Room, RowMessage } from './room.ts'

type Messages = readonly Prepared[] | Promise<readonly Prepared[]>

/** The rows after a base, for those who lack some of them. */
export interface TailAnswers {
  /** Read once for all who ask at the same time. 'moved': a rewritten base has taken some of them meanwhile. */
  read(room: Room, plan: readonly TailRow[]): Promise<Result<readonly RowMessage[], OpenStoreFailure | 'moved'>>
  /** Fewer messages that say the same. Many rows are merged on another thread, once for all who lack the same. */
  merged(room: Room, rows: readonly RowMessage[], plan: readonly TailRow[]): Messages
  /** Lets go of what nobody asks for any more; sockets that still send it hold it themselves. Once a second. */
  tick(): void
}

const PAGE_BYTES = 256_000
/** Up to here rows are merged for one who asks; merging more would hold up all others. */
const MERGE_ROWS = 64
/** A row as large as this is a message of its own: one buffer for all who lack it, where merging would copy it for each. */
const LARGE_ROW_BYTES = 65_536

/** Rows as they were read, none of them twice: of a room they weigh as much as it has rows, however many are answered. */
interface Kept {
  readonly base: BaseHead | undefined
  readonly forks: number
  readonly rows: Map<number, RowMessage>
  /** One reads at a time: the next finds most of what it lacks. */
  turn: Promise<unknown>
}

export const createTailAnswers = (
  { limits }: Context,
  log: UpdateLog,
  merger: Merger,
  recent: RecentRows
): TailAnswers => {
  /** Those asked for since the last tick, and since the one before. */
  let fresh = new Map<Room, Kept>()
  let old = new Map<Room, Kept>()

  const keptOf = (room: Room): Kept => {
    const { base, forks } = room
    const known = fresh.get(room) ?? old.get(room)
    const isCurrent = known !== undefined && known.base === base && known.forks === forks
    const kept = isCurrent ? known : { base, forks, rows: new Map(), turn: Promise.resolve() }
    fresh.set(room, kept)
    return kept
  }

  const fill = async (
    room: Room,
    { rows }: Kept,
    plan: readonly TailRow[]
  ): Promise<Result<void, OpenStoreFailure | 'moved'>> => {
    const missing = plan.filter(({ seq }) => !rows.has(seq))
    const wanted = new Set(missing.map(({ seq }) => seq))
    const last = missing.at(-1)?.seq ?? 0
    for (let after = (missing[0]?.seq ?? 1) - 1; after < last; ) {
      const page = await log.readAfter(room.name, after, PAGE_BYTES)
      if (!page.ok) return err(page.error)
      const end = page.value.at(-1)?.seq
      if (end === undefined) return err('moved')
      for (const { seq, bytes } of page.value) if (wanted.delete(seq)) rows.set(seq, rowMessage(bytes))
      after = end
    }
    return wanted.size === 0 ? ok(undefined) : err('moved')
  }

  const mergeOff = async (rows: readonly RowMessage[]): Promise<Prepared> => ({
    bytes: encodeUpdate(await merger.merge(rows.map(updateIn)))
  })

  const mergeSmall = (room: Room, rows: readonly RowMessage[], plan: readonly TailRow[]): Messages => {
    if (rows.length < 2) return rows
    const bytes = plan.reduce((sum, { size }) => sum + size, 0)
    if (rows.length <= MERGE_ROWS && bytes <= limits.tailBytes) {
      return [{ bytes: encodeUpdate(mergeMany(rows.map(updateIn))) }]
    }
    const first = plan[0]?.seq ?? 0
    const last = plan.at(-1)?.seq ?? 0
    // Only an unbroken stretch is the same for everybody who has this key.
    if (last - first !== plan.length - 1) return rows
    const key = `${first}-${last}`
    if (room.tailAnswer?.key !== key) room.tailAnswer = { key, message: mergeOff(rows) }
    return room.tailAnswer.message.then(
      (message) => [message],
      () => rows
    )
  }

  return {
    async read(room, plan) {
      const here = recent.find(room, plan)
      if (here !== undefined) return ok(here)
      const kept = keptOf(room)
      const filling = kept.turn.then(() => fill(room, kept, plan))
      kept.turn = filling.catch(() => undefined)
      const filled = await filling
      if (!filled.ok) return filled
      const rows = plan.map(({ seq }) => kept.rows.get(seq)).filter((row) => row !== undefined)
      return rows.length === plan.length ? ok(rows) : err('moved')
    },
    merged(room, rows, plan) {
      const parts: Messages[] = []
      let from = 0
      for (let at = 0; at <= rows.length; at++) {
        const row = rows[at]
        if (row !== undefined && row.bytes.byteLength < LARGE_ROW_BYTES) continue
        parts.push(mergeSmall(room, rows.slice(from, at), plan.slice(from, at)))
        if (row !== undefined) parts.push([row])
        from = at + 1
      }
      const ready = parts.filter((part): part is readonly Prepared[] => !(part instanceof Promise))
      return ready.length === parts.length ? ready.flat() : Promise.all(parts).then((all) => all.flat())
    },
    tick() {
      old = fresh
      fresh = new Map()
    }
  }
}
