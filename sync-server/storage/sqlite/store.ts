import type Database from 'better-sqlite3'
import { bytesEqual } from '#core/bytes.ts'
import type { ErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, type Seq, seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Head, RootState, ShardRef, StoredEntry, StoredSnapshot, StoreFailure, Tail } from '#server/rooms/ports.ts'
import { createAppending } from './appending.ts'
import { createErasing } from './erasing.ts'
import { asStoreFailure } from './failure.ts'
import { createGraveyard } from './graveyard.ts'
import type { Ledger, LedgerLine } from './ledger.ts'
import { createRootCache } from './root-cache.ts'
import { createRows, type EntryRow, type ShardRow } from './rows.ts'
import { createShards, own } from './shards.ts'

/** The store itself, synchronous: runs in a worker, one request after the other. */

export type SqliteStore = ReturnType<typeof createStore>

const attempt = <Value>(run: () => Result<Value, StoreFailure>): Result<Value, StoreFailure> => {
  try {
    return run()
  } catch (cause) {
    return err(asStoreFailure(cause))
  }
}

export interface StoreOptions {
  readonly db: Database.Database
  readonly ledger: Ledger
  readonly ledgerLines: readonly LedgerLine[]
  readonly rootBytes: number
}

export const createStore = ({ db, ledger, ledgerLines, rootBytes }: StoreOptions) => {
  const rows = createRows(db)
  const graveyard = createGraveyard(db)
  const shards = createShards(rows)
  const { erasedProof, refuse, hashAt, shardOf, headOf } = shards
  const cache = createRootCache(rows)
  const append = createAppending({ db, rows, shards, cache, rootBytes })
  const erase = createErasing({ db, rows, shards, ledger, ledgerLines })

  const adopt = db.transaction(
    (root: RootId, epoch: number, certificate: Uint8Array): Result<RootState, StoreFailure> => {
      const proof = erasedProof(root)
      if (proof !== undefined) return err({ kind: 'erased', proof })
      if (epoch > (rows.root(root)?.floor ?? -1)) rows.raiseFloor(root, epoch, certificate)
      return readRoot(root)
    }
  )

  const readRoot = (root: RootId): Result<RootState, StoreFailure> => {
    const row = rows.root(root)
    const erased = erasedProof(root)
    return ok({ floor: row?.floor ?? -1, certificate: row && own(row.certificate), erased })
  }

  const storedEntry = ({ seq: place, digest, hash, bytes }: EntryRow): StoredEntry | undefined =>
    bytes === null ? undefined : { seq: seq(place), digest: own(digest), hash: own(hash), bytes: own(bytes) }

  const readEntries = (shard: number, after: number, limit: number): StoredEntry[] => {
    const entries: StoredEntry[] = []
    let size = 0
    for (const row of rows.entriesAfter(shard, after)) {
      const entry = storedEntry(row)
      if (entry === undefined) break
      size += entry.bytes.byteLength
      if (size > limit && entries.length > 0) break
      entries.push(entry)
    }
    return entries
  }

  const readAfter = (ref: ShardRef, after: Seq, hashAfter: Uint8Array, limit: number): Result<Tail, StoreFailure> => {
    const root = rows.root(ref.root)
    const refused = refuse(ref, root)
    if (refused !== undefined) return err(refused)
    const shard = shardOf(root, ref.shard)
    const hash = after > shard.head ? undefined : hashAt(shard, after)
    if (hash === undefined || !bytesEqual(hash, hashAfter)) return err({ kind: 'fork' })
    const to = shard.snapshot_to > after ? shard.snapshot_to : 0
    const snapshot = to === 0 ? undefined : snapshotHead(shard)
    const entries = readEntries(shard.id, to === 0 ? after : to, limit)
    return ok({ snapshot, entries, head: headOf(shard) })
  }

  const snapshotHead = (shard: ShardRow) => ({
    from: seq(shard.snapshot_from),
    to: seq(shard.snapshot_to),
    hashTo: own(hashAt(shard, shard.snapshot_to) ?? EMPTY_CHAIN_HASH),
    size: shard.snapshot_size
  })

  const head = (ref: ShardRef): Result<Head, StoreFailure> => {
    const root = rows.root(ref.root)
    const refused = refuse(ref, root)
    return refused === undefined ? ok(headOf(shardOf(root, ref.shard))) : err(refused)
  }

  const readSnapshot = (ref: ShardRef, to: Seq, index: number): Result<Uint8Array | undefined, StoreFailure> => {
    const root = rows.root(ref.root)
    const refused = refuse(ref, root)
    if (refused !== undefined) return err(refused)
    const part = rows.part(shardOf(root, ref.shard).id, to, index)
    return ok(part && own(part))
  }

  const swap = db.transaction(
    (ref: ShardRef, epoch: number, next: StoredSnapshot, now: number): Result<Head, StoreFailure> => {
      const root = rows.root(ref.root)
      const refused = refuse(ref, root, epoch)
      if (refused !== undefined || root === undefined) return err(refused ?? { kind: 'cas' })
      const shard = shardOf(root, ref.shard)
      const hash = next.to > shard.head ? undefined : hashAt(shard, next.to)
      if (next.to <= shard.snapshot_to || hash === undefined || !bytesEqual(hash, next.hashTo))
        return err({ kind: 'cas' })
      const bytes = rows.bytesBetween(shard.id, shard.snapshot_to, next.to) + shard.snapshot_size
      const grown = next.bytes.byteLength - bytes
      // A compaction that makes room is welcome in a full root too.
      if (grown > 0 && root.bytes + grown > rootBytes) return err({ kind: 'root-full' })
      for (let part = 0; part * SNAPSHOT_CHUNK_BYTES < next.bytes.byteLength; part++) {
        const from = part * SNAPSHOT_CHUNK_BYTES
        rows.addPart(shard.id, next.to, part, next.bytes.subarray(from, from + SNAPSHOT_CHUNK_BYTES))
      }
      rows.setSnapshot(shard.id, next.from, next.to, next.bytes.byteLength)
      rows.addBytes(root.id, grown)
      graveyard.bury({ root: root.id, shard: shard.id, at: now, upto: next.to, snapshot_to: shard.snapshot_to, bytes })
      graveyard.trim(root.id, rootBytes)
      return ok({ seq: next.to, hash: own(hash) })
    }
  )

  return {
    root: (root: RootId) => attempt(() => readRoot(root)),
    adopt(root: RootId, epoch: number, certificate: Uint8Array) {
      cache.forget(root)
      return attempt(() => adopt.immediate(root, epoch, certificate))
    },
    append,
    readAfter: (...given: Parameters<typeof readAfter>) => attempt(() => readAfter(...given)),
    readSnapshot: (...given: Parameters<typeof readSnapshot>) => attempt(() => readSnapshot(...given)),
    head: (ref: ShardRef) => attempt(() => head(ref)),
    heads: (refs: readonly ShardRef[]) => refs.map((ref) => attempt(() => head(ref))),
    snapshot(ref: ShardRef, epoch: number, next: StoredSnapshot, now: number) {
      cache.forget(ref.root)
      return attempt(() => swap.immediate(ref, epoch, next, now))
    },
    erase(proof: ErasureProof, erasedAt: number) {
      cache.forget(proof.scope.root)
      return attempt(() => erase(proof, erasedAt))
    },
    purge: (before: number) => graveyard.purge(before),
    usage: (limit: number) => rows.usage(limit)
  }
}
