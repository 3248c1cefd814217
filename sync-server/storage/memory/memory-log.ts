import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import type { ErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH, nextChainHash, type Sha256 } from '#core/chain.ts'
import { type RootId, type Seq, seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { err, ok, type Result } from '#core/result.ts'
import type {
  Appended,
  EntryLog,
  EntryLogAdmin,
  Head,
  NewEntries,
  ShardRef,
  StoredEntry,
  StoredSnapshot,
  StoreFailure
} from '#server/rooms/ports.ts'
import {
  type DiskRoot,
  type DiskShard,
  erasureKey,
  type MemoryDisk,
  type MemoryLedger,
  type StoredRow
} from './memory-disk.ts'
import { liveBytes, purgeShard, trimGraveyard } from './memory-graveyard.ts'

export interface MemoryLogOptions {
  readonly disk: MemoryDisk
  readonly ledger: MemoryLedger
  readonly sha256: Sha256
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Live bytes a root may hold; its graveyard may hold as many again. */
  readonly rootBytes: number
  /** Bytes of all roots together: the size of the pretended disk. */
  readonly relayBytes?: () => number
}

const NO_SHARD: DiskShard = { rows: [], seqByDigest: new Map(), snapshot: undefined, graves: [] }
const NO_ROOT: DiskRoot = { floor: -1, certificate: undefined, shards: new Map(), bytes: 0 }

const headOf = (shard: DiskShard): Head => {
  const last = shard.rows.at(-1)
  return last === undefined ? { seq: seq(0), hash: EMPTY_CHAIN_HASH } : { seq: last.seq, hash: last.hash }
}

const keyOf = ({ scope }: ErasureProof): string =>
  erasureKey(scope.root, scope.kind === 'shard' ? scope.shard : undefined)

const hashAt = (shard: DiskShard, at: number): Uint8Array | undefined =>
  at === 0 ? EMPTY_CHAIN_HASH : shard.rows[at - 1]?.hash

export const createMemoryLog = (options: MemoryLogOptions): EntryLog & EntryLogAdmin => {
  const { disk, ledger, sha256, now, rootBytes, relayBytes = () => Number.POSITIVE_INFINITY } = options

  const rootOf = (root: RootId): DiskRoot => disk.roots.get(root) ?? NO_ROOT
  const shardOf = (ref: ShardRef): DiskShard => rootOf(ref.root).shards.get(ref.shard) ?? NO_SHARD

  const write = (ref: ShardRef, shard: DiskShard): void => {
    const root = rootOf(ref.root)
    const shards = new Map(root.shards).set(ref.shard, shard)
    disk.roots.set(ref.root, {
      ...root,
      shards,
      bytes: [...shards.values()].reduce((sum, each) => sum + liveBytes(each), 0)
    })
  }

  const erasedProof = (ref: { readonly root: RootId; readonly shard?: ShardRef['shard'] }): ErasureProof | undefined =>
    (
      disk.erasures.get(erasureKey(ref.root)) ??
      (ref.shard === undefined ? undefined : disk.erasures.get(erasureKey(ref.root, ref.shard)))
    )?.proof

  const refusal = (ref: ShardRef, epoch?: number): StoreFailure | undefined => {
    const proof = erasedProof(ref)
    if (proof !== undefined) return { kind: 'erased', proof }
    const { floor, certificate } = rootOf(ref.root)
    if (epoch === undefined || epoch === floor) return undefined
    return { kind: 'epoch', floor, certificate: certificate ?? new Uint8Array() }
  }

  const used = (): number => [...disk.roots.values()].reduce((sum, root) => sum + root.bytes, 0)

  const appendOne = (batch: NewEntries): Result<Appended, StoreFailure> => {
    const refused = refusal(batch, batch.epoch)
    if (refused !== undefined) return err(refused)
    const shard = shardOf(batch)
    const rows: StoredRow[] = [...shard.rows]
    const seqByDigest = new Map(shard.seqByDigest)
    const fresh: StoredEntry[] = []
    const seqs: Seq[] = []
    let { hash } = headOf(shard)
    for (const bytes of batch.entries) {
      const digest = sha256(bytes)
      const known = seqByDigest.get(bytesToHex(digest))
      const place = seq(known ?? rows.length + 1)
      seqs.push(place)
      if (known !== undefined) continue
      hash = nextChainHash(sha256, { ...batch, seq: place }, hash, digest)
      const entry = { seq: place, bytes, digest, hash }
      rows.push(entry)
      fresh.push(entry)
      seqByDigest.set(bytesToHex(digest), place)
    }
    const added = fresh.reduce((sum, entry) => sum + entry.bytes.byteLength, 0)
    if (added > 0 && rootOf(batch.root).bytes + added > rootBytes) return err({ kind: 'root-full' })
    if (added > 0 && used() + added > relayBytes()) return err({ kind: 'relay-full' })
    if (fresh.length > 0) write(batch, { ...shard, rows, seqByDigest })
    return ok({ seqs, hash: hashAt({ ...shard, rows }, Math.max(...seqs)) ?? EMPTY_CHAIN_HASH, fresh })
  }

  const swapSnapshot = (ref: ShardRef, next: StoredSnapshot): Result<Head, StoreFailure> => {
    const shard = shardOf(ref)
    const before = shard.snapshot?.to ?? 0
    const hash = hashAt(shard, next.to)
    if (next.to <= before || hash === undefined || !bytesEqual(hash, next.hashTo)) return err({ kind: 'cas' })
    const superseded = shard.rows.slice(before, next.to).reduce((sum, row) => sum + (row.bytes?.byteLength ?? 0), 0)
    const bytes = superseded + (shard.snapshot?.bytes.byteLength ?? 0)
    const grown = next.bytes.byteLength - bytes
    // A compaction that makes room is welcome in a full root too.
    if (grown > 0 && rootOf(ref.root).bytes + grown > rootBytes) return err({ kind: 'root-full' })
    if (grown > 0 && used() + grown > relayBytes()) return err({ kind: 'relay-full' })
    const grave = { at: now(), upTo: next.to, snapshot: shard.snapshot, bytes }
    write(ref, { ...shard, snapshot: next, graves: [...shard.graves, grave] })
    trimGraveyard(disk, ref.root, rootBytes)
    return ok({ seq: next.to, hash })
  }

  const eraseNow = (proof: ErasureProof, erasedAt: number): void => {
    const { scope } = proof
    const shard = scope.kind === 'shard' ? scope.shard : undefined
    const root = disk.roots.get(scope.root)
    if (shard === undefined) disk.roots.delete(scope.root)
    else if (root?.shards.has(shard)) {
      const shards = new Map(root.shards)
      shards.delete(shard)
      disk.roots.set(scope.root, {
        ...root,
        shards,
        bytes: [...shards.values()].reduce((sum, each) => sum + liveBytes(each), 0)
      })
    }
    disk.erasures.set(erasureKey(scope.root, shard), { proof, erasedAt })
  }

  // A disk put back from an older copy must not bring an erased journal back.
  for (const { proof, erasedAt } of ledger) {
    if (!disk.erasures.has(keyOf(proof))) eraseNow(proof, erasedAt)
  }

  return {
    async root(root) {
      const { floor, certificate } = rootOf(root)
      return ok({ floor, certificate, erased: erasedProof({ root }) })
    },
    async adopt(root, epoch, certificate) {
      const proof = erasedProof({ root })
      if (proof !== undefined) return err({ kind: 'erased', proof })
      const before = rootOf(root)
      const after = epoch > before.floor ? { ...before, floor: epoch, certificate } : before
      if (after !== before) disk.roots.set(root, after)
      return ok({ floor: after.floor, certificate: after.certificate, erased: undefined })
    },
    async append(batch) {
      return batch.map(appendOne)
    },
    async readAfter(ref, after, hashAfter, limit) {
      const refused = refusal(ref)
      if (refused !== undefined) return err(refused)
      const shard = shardOf(ref)
      const hash = hashAt(shard, after)
      if (hash === undefined || !bytesEqual(hash, hashAfter)) return err({ kind: 'fork' })
      const stored = shard.snapshot !== undefined && shard.snapshot.to > after ? shard.snapshot : undefined
      const entries: StoredEntry[] = []
      let size = 0
      for (const { bytes, ...row } of shard.rows.slice(stored?.to ?? after)) {
        if (bytes === undefined) break
        size += bytes.byteLength
        if (size > limit && entries.length > 0) break
        entries.push({ ...row, bytes })
      }
      const snapshot = stored && {
        from: stored.from,
        to: stored.to,
        hashTo: stored.hashTo,
        size: stored.bytes.byteLength
      }
      return ok({ snapshot, entries, head: headOf(shard) })
    },
    async readSnapshot(ref, to, index) {
      const refused = refusal(ref)
      if (refused !== undefined) return err(refused)
      const { snapshot, graves } = shardOf(ref)
      const found = [snapshot, ...graves.map((grave) => grave.snapshot)].find((each) => each?.to === to)
      const part = found?.bytes.subarray(index * SNAPSHOT_CHUNK_BYTES, (index + 1) * SNAPSHOT_CHUNK_BYTES)
      return ok(part === undefined || part.byteLength === 0 ? undefined : part)
    },
    async head(ref) {
      const refused = refusal(ref)
      return refused === undefined ? ok(headOf(shardOf(ref))) : err(refused)
    },
    async heads(refs) {
      return refs.map((ref) => {
        const refused = refusal(ref)
        return refused === undefined ? ok(headOf(shardOf(ref))) : err(refused)
      })
    },
    async snapshot(ref, epoch, next) {
      const refused = refusal(ref, epoch)
      return refused === undefined ? swapSnapshot(ref, next) : err(refused)
    },
    async erase(proof, erasedAt) {
      const done = disk.erasures.get(keyOf(proof)) ?? disk.erasures.get(erasureKey(proof.scope.root))
      if (done !== undefined) return ok({ erasedAt: done.erasedAt })
      ledger.push({ proof, erasedAt })
      eraseNow(proof, erasedAt)
      return ok({ erasedAt })
    },
    async purge(before) {
      let purged = 0
      for (const [rootId, root] of disk.roots) {
        for (const [shardId, shard] of root.shards) {
          const step = purgeShard(shard, before)
          purged += step.purged
          if (step.shard !== shard) write({ root: rootId, shard: shardId }, step.shard)
        }
      }
      return purged
    },
    async usage(limit) {
      return [...disk.roots]
        .map(([root, { bytes }]) => ({ root, bytes }))
        .sort((a, b) => b.bytes - a.bytes)
        .slice(0, limit)
    },
    async close() {}
  }
}
