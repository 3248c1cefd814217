import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { hexToBytes } from '#core/bytes.ts'
import { EMPTY_CHAIN_HASH, nextChainHash, type Sha256 } from '#core/chain.ts'
import { type Seq, seq } from '#core/ids.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { NewEntries, StoredEntry, StoreFailure } from '#server/rooms/ports.ts'
import { asStoreFailure } from './failure.ts'
import type { Rows, ShardRow } from './rows.ts'
import { own, type Shards } from './shards.ts'

/** Without the bytes, which the asker holds: they are not copied back between threads. */
export interface FreshEntry extends Omit<StoredEntry, 'bytes'> {
  readonly index: number
}
export interface AppendedSeqs {
  readonly seqs: readonly Seq[]
  readonly hash: Uint8Array
  readonly fresh: readonly FreshEntry[]
}

interface NewRow extends FreshEntry {
  readonly bytes: Uint8Array
}

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()

/** Appends batches: one transaction for all, a result for each. */
export const createAppending = (db: Database.Database, rows: Rows, shards: Shards, rootBytes: number) => {
  const { refuse, hashAt, shardOf } = shards
  /** Names each entry's seq, and what would have to be inserted. */
  const lineUp = ({ root, shard: name, entries }: NewEntries, shard: ShardRow) => {
    const seqs: Seq[] = []
    const fresh: NewRow[] = []
    const seqByNewDigest = new Map<string, Seq>()
    let { hash } = shard
    for (const [index, bytes] of entries.entries()) {
      const digest = sha256(bytes)
      const key = digest.toString()
      const known = rows.seqOf(shard.id, digest) ?? seqByNewDigest.get(key)
      const place = seq(known ?? shard.head + fresh.length + 1)
      seqs.push(place)
      if (known !== undefined) continue
      hash = nextChainHash(sha256, { root, shard: name, seq: place }, hash, digest)
      fresh.push({ index, seq: place, digest: own(digest), hash: own(hash), bytes })
      seqByNewDigest.set(key, place)
    }
    return { seqs, fresh }
  }

  const appendOne = (batch: NewEntries): Result<AppendedSeqs, StoreFailure> => {
    const root = rows.root(batch.root)
    const refused = refuse(batch, root, batch.epoch)
    if (refused !== undefined || root === undefined) return err(refused ?? { kind: 'store', reason: 'no root' })
    const before = shardOf(root, batch.shard)
    const { seqs, fresh } = lineUp(batch, before)
    const added = fresh.reduce((sum, entry) => sum + entry.bytes.byteLength, 0)
    if (added > 0 && root.bytes + added > rootBytes) return err({ kind: 'root-full' })
    const last = fresh.at(-1)
    if (last !== undefined) {
      const shard = before.id === 0 ? rows.addShard(root.id, hexToBytes(batch.shard)) : before.id
      for (const entry of fresh) rows.addEntry(shard, entry)
      rows.moveHead(shard, last.seq, last.hash)
      rows.addBytes(root.id, added)
    }
    const top = Math.max(...seqs)
    const hash = top === last?.seq ? last.hash : hashAt(before, top)
    const hashOfTop = fresh.find((entry) => entry.seq === top)?.hash ?? hash ?? EMPTY_CHAIN_HASH
    return ok({ seqs, hash: own(hashOfTop), fresh: fresh.map(({ bytes: _, ...entry }) => entry) })
  }

  const appendAll = db.transaction((batch: readonly NewEntries[]) => batch.map(appendOne))
  type AppendResults = readonly Result<AppendedSeqs, StoreFailure>[]

  const append = (batch: readonly NewEntries[]): AppendResults => {
    try {
      return appendAll.immediate(batch)
    } catch (cause) {
      // One that does not fit must not take its neighbours down.
      if (batch.length > 1) return batch.flatMap((each) => append([each]))
      return batch.map(() => err(asStoreFailure(cause)))
    }
  }
  return append
}
