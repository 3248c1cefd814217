import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { bytesEqual, hexToBytes } from '#core/bytes.ts'
import { decodeErasureProof, type ErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH, nextChainHash, type Sha256 } from '#core/chain.ts'
import { type RootId, type Seq, type ShardId, seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { err, ok, type Result } from '#core/result.ts'
import type {
  Head,
  NewEntries,
  RootState,
  ShardRef,
  StoredEntry,
  StoredSnapshot,
  StoreFailure,
  Tail
} from '#server/rooms/ports.ts'
import { createGraveyard } from './graveyard.ts'
import type { Ledger, LedgerLine } from './ledger.ts'
import { createRows, type EntryRow, NO_SHARD, type RootRow, type ShardRow } from './rows.ts'

/** The store itself, synchronous: runs in a worker, one request after the other. */

/** Without the bytes, which the asker holds: they are not copied back between threads. */
export interface FreshEntry extends Omit<StoredEntry, 'bytes'> {
  readonly index: number
}
export interface AppendedSeqs {
  readonly seqs: readonly Seq[]
  readonly hash: Uint8Array
  readonly fresh: readonly FreshEntry[]
}

export type SqliteStore = ReturnType<typeof createStore>

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()

/** A copy that owns its memory: a pooled Buffer would take its whole pool along to the other thread. */
const own = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

const asFailure = (cause: unknown): StoreFailure => {
  if (cause instanceof Database.SqliteError && cause.code === 'SQLITE_FULL') return { kind: 'relay-full' }
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') return { kind: 'relay-full' }
  return { kind: 'store', reason: cause instanceof Error ? cause.message : String(cause) }
}

const attempt = <Value>(run: () => Result<Value, StoreFailure>): Result<Value, StoreFailure> => {
  try {
    return run()
  } catch (cause) {
    return err(asFailure(cause))
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

  const erasedProof = (root: RootId, shard?: ShardId): ErasureProof | undefined => {
    const found = rows.erasure(root) ?? (shard === undefined ? undefined : rows.erasure(root, shard))
    if (found === undefined) return undefined
    const proof = decodeErasureProof(own(found.proof))
    if (!proof.ok) throw new Error('an erasure proof in the store is damaged')
    return proof.value
  }

  const refuse = (ref: ShardRef, root: RootRow | undefined, epoch?: number): StoreFailure | undefined => {
    const proof = erasedProof(ref.root, ref.shard)
    if (proof !== undefined) return { kind: 'erased', proof }
    const floor = root?.floor ?? -1
    if (epoch === undefined || epoch === floor) return undefined
    return { kind: 'epoch', floor, certificate: root === undefined ? new Uint8Array() : own(root.certificate) }
  }

  const hashAt = (shard: ShardRow, at: number): Uint8Array | undefined =>
    at === 0 ? EMPTY_CHAIN_HASH : at === shard.head ? shard.hash : rows.link(shard.id, at)?.hash

  const shardOf = (root: RootRow | undefined, shard: ShardId): ShardRow =>
    (root === undefined ? undefined : rows.shard(root.id, hexToBytes(shard))) ?? NO_SHARD

  interface NewRow extends FreshEntry {
    readonly bytes: Uint8Array
  }

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
      return batch.map(() => err(asFailure(cause)))
    }
  }

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

  const headOf = (shard: ShardRow): Head => ({ seq: seq(shard.head), hash: own(shard.hash) })

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

  const deleteScope = db.transaction((proof: ErasureProof, erasedAt: number): void => {
    const { scope } = proof
    const shard = scope.kind === 'shard' ? scope.shard : undefined
    const root = rows.root(scope.root)
    if (root !== undefined) {
      for (const each of shard === undefined ? rows.shards(root.id) : [shardOf(root, shard)]) {
        if (each.id === 0) continue
        const live = rows.bytesBetween(each.id, each.snapshot_to, each.head) + each.snapshot_size
        rows.addBytes(root.id, -live)
        rows.dropShard(each.id)
      }
      if (shard === undefined) rows.dropRoot(root.id)
    }
    rows.addErasure(proof, erasedAt)
  })

  const erase = (proof: ErasureProof, erasedAt: number): Result<{ readonly erasedAt: number }, StoreFailure> => {
    const { scope } = proof
    const done =
      rows.erasure(scope.root) ?? (scope.kind === 'shard' ? rows.erasure(scope.root, scope.shard) : undefined)
    if (done !== undefined) return ok({ erasedAt: done.at })
    // The ledger first: from here on no crash and no older copy of the database brings it back.
    ledger.append(proof, erasedAt)
    deleteScope.immediate(proof, erasedAt)
    // The log before the database's own pages still holds what was deleted.
    db.pragma('wal_checkpoint(TRUNCATE)')
    return ok({ erasedAt })
  }

  for (const { proof, erasedAt } of ledgerLines) {
    const shard = proof.scope.kind === 'shard' ? proof.scope.shard : undefined
    if (rows.erasure(proof.scope.root, shard) === undefined) deleteScope.immediate(proof, erasedAt)
  }

  return {
    root: (root: RootId) => attempt(() => readRoot(root)),
    adopt: (root: RootId, epoch: number, certificate: Uint8Array) =>
      attempt(() => adopt.immediate(root, epoch, certificate)),
    append,
    readAfter: (...given: Parameters<typeof readAfter>) => attempt(() => readAfter(...given)),
    readSnapshot: (...given: Parameters<typeof readSnapshot>) => attempt(() => readSnapshot(...given)),
    head: (ref: ShardRef) => attempt(() => head(ref)),
    snapshot: (ref: ShardRef, epoch: number, next: StoredSnapshot, now: number) =>
      attempt(() => swap.immediate(ref, epoch, next, now)),
    erase: (proof: ErasureProof, erasedAt: number) => attempt(() => erase(proof, erasedAt)),
    purge: (before: number) => graveyard.purge(before),
    usage: (limit: number) => rows.usage(limit)
  }
}
