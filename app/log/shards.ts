import type { Cursor, DocPath, Received, RelayName, RowId, ShardState } from '#app/store/ports.ts'
import { bytesEqual } from '#core/bytes.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { seq } from '#core/ids.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Transaction } from './engine.ts'
import { ACK_TABLES, acknowledge, forgetAcks, RACED, type Raced } from './outbox.ts'
import { NO_ROW, putRows, readRows } from './rows.ts'
import type { TableName } from './tables.ts'

export const RECEIVE_TABLES: readonly TableName[] = ['meta', 'bases', 'rows', 'shards', ...ACK_TABLES]
export const REWIND_TABLES: readonly TableName[] = ['shards', 'acks', 'acked']

const UNKNOWN_SHARD: ShardState = {
  cursor: { seq: seq(0), hash: EMPTY_CHAIN_HASH },
  remembered: [],
  covers: [],
  opaque: [],
  tailBytes: 0,
  snapshotBytes: 0,
  heldElsewhere: seq(0)
}

export const readShard = async (tx: Transaction, doc: DocPath, relay: RelayName): Promise<ShardState> =>
  (await tx.get('shards', [doc, relay])) ?? UNKNOWN_SHARD

const sameCursor = (a: Cursor, b: Cursor): boolean => a.seq === b.seq && bytesEqual(a.hash, b.hash)

/**
 * The newest are kept one by one. Of older ones each that its two neighbours can spare goes: they are then at most about twice
 * as far from the newest as one another, and about two for each doubling are kept.
 */
const NEAR = 8
const remember = (remembered: readonly Cursor[], latest: Cursor): readonly Cursor[] => {
  if (latest.seq === 0) return remembered
  const kept = [latest, ...remembered.filter((cursor) => cursor.seq < latest.seq)]
  const distance = (cursor: Cursor | undefined) => latest.seq - (cursor?.seq ?? 0)
  for (let i = NEAR; i < kept.length - 1; ) {
    if (distance(kept[i + 1]) <= 2 * distance(kept[i - 1])) kept.splice(i, 1)
    else i++
  }
  return kept
}

export const receive = async (
  tx: Transaction,
  doc: DocPath,
  relay: RelayName,
  received: Received
): Promise<Result<RowId, Raced>> => {
  const shard = await readShard(tx, doc, relay)
  if (!sameCursor(shard.cursor, received.from)) return err(RACED)
  const moved = !sameCursor(received.from, received.to)
  tx.put('shards', [doc, relay], {
    cursor: received.to,
    remembered: moved ? remember(shard.remembered, received.from) : shard.remembered,
    covers: received.covers,
    opaque: received.opaque,
    tailBytes: received.tailBytes,
    snapshotBytes: received.snapshotBytes,
    heldElsewhere: shard.heldElsewhere
  })
  if (received.own.length > 0) await acknowledge(tx, doc, relay, received.own)
  if (received.updates.length > 0) return ok(await putRows(tx, doc, received.updates))
  return ok((await readRows(tx, doc, NO_ROW)).upTo)
}

export const rewind = async (tx: Transaction, doc: DocPath, relay: RelayName, to: Cursor): Promise<void> => {
  const shard = await readShard(tx, doc, relay)
  tx.put('shards', [doc, relay], {
    ...shard,
    cursor: to,
    remembered: shard.remembered.filter((cursor) => cursor.seq < to.seq),
    // Another device held a seq of the history that is gone; past the fork nothing is known of it.
    heldElsewhere: seq(Math.min(shard.heldElsewhere, to.seq))
  })
  await forgetAcks(tx, doc, relay, to.seq)
}

export const forgetRelay = async (tx: Transaction, relay: RelayName): Promise<void> => {
  const heads = await Promise.all(REWIND_TABLES.map((table) => tx.heads(table)))
  for (const doc of new Set(heads.flat()))
    for (const table of REWIND_TABLES) tx.deleteAll(table, { prefix: [doc, relay] })
}
