import type { ErasureProof } from '#core/certificate.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import type { StoredEntry, StoredSnapshot } from '#server/rooms/ports.ts'

/** What a memory log would have on its disk: outlives the log, so that a test can crash it, copy it or put an older copy back. */

export interface StoredRow extends Omit<StoredEntry, 'bytes'> {
  /** undefined once purged: digest and hash stay for the shard's life. */
  readonly bytes: Uint8Array | undefined
}

export interface Grave {
  readonly at: number
  /** Rows up to and including this seq were superseded then. */
  readonly upTo: number
  readonly snapshot: StoredSnapshot | undefined
  readonly bytes: number
}

export interface DiskShard {
  readonly rows: readonly StoredRow[]
  readonly seqByDigest: ReadonlyMap<string, number>
  readonly snapshot: StoredSnapshot | undefined
  readonly graves: readonly Grave[]
}

export interface DiskRoot {
  readonly floor: number
  readonly certificate: Uint8Array | undefined
  readonly shards: ReadonlyMap<ShardId, DiskShard>
  /** Bytes in rows after the snapshot and in the snapshot. */
  readonly bytes: number
}

export interface Erasure {
  readonly proof: ErasureProof
  readonly erasedAt: number
}

/** Values inside are never changed in place, so a shallow copy is a whole copy. */
export interface MemoryDisk {
  readonly roots: Map<RootId, DiskRoot>
  readonly erasures: Map<string, Erasure>
}

/** Append-only, kept apart from the disk as the real ledger is kept apart from the database. */
export type MemoryLedger = Erasure[]

export const createMemoryDisk = (): MemoryDisk => ({ roots: new Map(), erasures: new Map() })

export const copyMemoryDisk = (disk: MemoryDisk): MemoryDisk => ({
  roots: new Map(disk.roots),
  erasures: new Map(disk.erasures)
})

/** Neither part can hold the separator: a root id is base64url, a shard id hexadecimal. */
export const erasureKey = (root: RootId, shard?: ShardId): string => (shard === undefined ? root : `${root}/${shard}`)
