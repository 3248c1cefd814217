import type { ErasureProof } from '#core/certificate.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import type { Result } from '#core/result.ts'

/** What rooms need of a store, in bytes. storage/* implements it; entry-log.contract.ts says what each promise means. */

export interface ShardRef {
  readonly root: RootId
  readonly shard: ShardId
}

export interface NewEntries extends ShardRef {
  /** All or nothing; already known entries (same shard, same SHA-256) are skipped and named with their old seq. */
  readonly entries: readonly Uint8Array[]
  /** The epoch of the pusher's writer certificate: must equal the root's floor. */
  readonly epoch: number
}

export interface Appended {
  /** One per entry, in order. */
  readonly seqs: readonly Seq[]
  /** Chain hash at the highest seq named. */
  readonly hash: Uint8Array
  /** The entries that are new, with the seq, digest and chain hash the store gave them: what fan-out needs. */
  readonly fresh: readonly StoredEntry[]
}

export interface StoredEntry {
  readonly seq: Seq
  readonly bytes: Uint8Array
  /** SHA-256 of bytes, 32 bytes. */
  readonly digest: Uint8Array
  /** Chain hash at seq, 16 bytes. */
  readonly hash: Uint8Array
}

export interface Head {
  readonly seq: Seq
  readonly hash: Uint8Array
}

export interface StoredSnapshot {
  readonly from: Seq
  readonly to: Seq
  readonly hashTo: Uint8Array
  /** One sealed entry (outer format) of kind snapshot. */
  readonly bytes: Uint8Array
}

/** A stored snapshot without its bytes, which are read part by part: a reader holds one part, never 64 MB. */
export interface SnapshotHead extends Omit<StoredSnapshot, 'bytes'> {
  /** Bytes of the sealed snapshot. */
  readonly size: number
}

export type StoreFailure =
  | { readonly kind: 'erased'; readonly proof: ErasureProof }
  | { readonly kind: 'epoch'; readonly floor: number; readonly certificate: Uint8Array }
  | { readonly kind: 'fork' | 'cas' | 'root-full' | 'relay-full' }
  /** Disk full, I/O error, locked: nothing of the request was kept. `reason` is for the log, not for the device. */
  | { readonly kind: 'store'; readonly reason: string }

/** What to send a device at (after, hashAfter): the snapshot where `after` lies before its end, then entries. */
export interface Tail {
  readonly snapshot: SnapshotHead | undefined
  /** Contiguous, after the snapshot's end where there is one. */
  readonly entries: readonly StoredEntry[]
  readonly head: Head
}

export interface RootState {
  /** Highest epoch whose writer certificate this store accepted; -1 for a root it has never seen. */
  readonly floor: number
  readonly certificate: Uint8Array | undefined
  readonly erased: ErasureProof | undefined
}

export interface EntryLog {
  root(root: RootId): Promise<Result<RootState, StoreFailure>>
  /** Raises the floor to a certificate of a higher epoch (first contact: 0). Durable when it resolves. Never lowers. */
  adopt(root: RootId, epoch: number, certificate: Uint8Array): Promise<Result<RootState, StoreFailure>>
  /** Group commit: one transaction for the batch, durable (fsync) when it resolves; one Result per element. */
  append(batch: readonly NewEntries[]): Promise<readonly Result<Appended, StoreFailure>[]>
  /**
   * Entries after `after`, at most `limit` bytes but at least one entry where there is one.
   * 'fork' when the chain hash at `after` is not hashAfter or `after` lies beyond the head. An unknown shard reads as empty.
   */
  readAfter(shard: ShardRef, after: Seq, hashAfter: Uint8Array, limit: number): Promise<Result<Tail, StoreFailure>>
  /**
   * Bytes index * SNAPSHOT_CHUNK_BYTES and on, at most SNAPSHOT_CHUNK_BYTES, of the snapshot that ends at `to`.
   * undefined where there is no such snapshot or part (any more): the reader begins again with readAfter.
   */
  readSnapshot(shard: ShardRef, to: Seq, index: number): Promise<Result<Uint8Array | undefined, StoreFailure>>
  head(shard: ShardRef): Promise<Result<Head, StoreFailure>>
  /** Heads of many shards in one question, a Result for each in order: what a relay asks about shards that other relays append to. */
  heads(shards: readonly ShardRef[]): Promise<readonly Result<Head, StoreFailure>[]>
  /** Compare-and-swap: newer than the stored snapshot, inside the log, hashTo equal to the chain hash at `to`; else 'cas'. */
  snapshot(shard: ShardRef, epoch: number, snapshot: StoredSnapshot): Promise<Result<Head, StoreFailure>>
  /** Deletes everything of the scope for good and remembers the proof. Idempotent. Durable when it resolves. */
  erase(proof: ErasureProof, erasedAt: number): Promise<Result<{ readonly erasedAt: number }, StoreFailure>>
  close(): Promise<void>
}

/** The administrative port: what operations and housekeeping need, never a connection. */
export interface EntryLogAdmin {
  /** Purges superseded rows that have waited longer than the graveyard's time. @returns rows purged. */
  purge(before: number): Promise<number>
  /** Bytes in entries and snapshots per root, largest first. */
  usage(limit: number): Promise<readonly { readonly root: RootId; readonly bytes: number }[]>
}

/** The largest message a bus carries. Under the default bounds of brokers (1 MB) and large enough for one tick's presence of a full room. */
export const BUS_MESSAGE_BYTES = 256_000

/**
 * Between relays. The log is the truth, the bus is a hint: messages may be lost, doubled, late or out of order, which costs
 * time, never entries. docs/spec/bus.md says what each promise means.
 */
export interface Bus {
  /**
   * Fire and forget; never throws. What one turn of the event loop publishes may leave together. A message over
   * BUS_MESSAGE_BYTES is not sent. The bytes must not change afterwards, by the sender or by a listener.
   */
  publish(topic: string, message: Uint8Array): void
  /** Messages of all relays on the bus, one's own perhaps included: senders mark their own. @returns ends the subscription. */
  subscribe(topic: string, onMessage: (message: Uint8Array) => void): () => void
  /** Whether other relays' messages come through at this moment. False for a bus within one process, or while the broker is away. */
  hears(): boolean
  /** Runs when messages may have been missed (the broker was away and is back, a subscription took effect late): ask the store. @returns ends it. */
  onGap(run: () => void): () => void
  close(): Promise<void>
}
