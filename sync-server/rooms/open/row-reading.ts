import { err, ok, type Result } from '#core/result.ts'
import type { TailRow } from '#server/protocol/open/tail.ts'
import type { Merger, OpenStoreFailure, UpdateFacts, UpdateLog } from '#server/rooms/open-ports.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import type { RecentRows } from './recent-rows.ts'
import { rowMessage } from './recent-rows.ts'
import type { Room, RowMessage } from './room.ts'

const PAGE_BYTES = 256_000

export const factsOf = async (
  merger: Merger,
  update: Uint8Array,
  inlineBytes: number
): Promise<Result<UpdateFacts, 'undecodable'>> =>
  update.byteLength <= inlineBytes ? readUpdate(update) : merger.inspect(update)

/** Messages of rows. 'moved': a rewritten base has taken some of them meanwhile. */
export const readRows = async (
  log: UpdateLog,
  recent: RecentRows,
  room: Room,
  rows: readonly TailRow[]
): Promise<Result<readonly RowMessage[], OpenStoreFailure | 'moved'>> => {
  const here = recent.find(room, rows)
  if (here !== undefined) return ok(here)
  const wanted = new Set(rows.map(({ seq }) => seq))
  const last = rows.at(-1)?.seq ?? 0
  const found: RowMessage[] = []
  for (let after = (rows[0]?.seq ?? 1) - 1; after < last; ) {
    const page = await log.readAfter(room.name, after, PAGE_BYTES)
    if (!page.ok) return err(page.error)
    const end = page.value.at(-1)?.seq
    if (end === undefined) return err('moved')
    for (const { seq, bytes } of page.value) if (wanted.has(seq)) found.push(rowMessage(bytes))
    after = end
  }
  return found.length === rows.length ? ok(found) : err('moved')
}
