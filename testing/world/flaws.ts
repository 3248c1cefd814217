import { asciiToBytes, bytesEqual } from '#core/bytes.ts'
import type { Sha256 } from '#core/chain.ts'
import type { ShardRef } from '#server/rooms/ports.ts'
import type { DiskShard, MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import type { Flaw } from './disk.ts'

/** Mutants: the same house with one defence taken out. The worlds must fail, or the defence or the world is for show. */

const shardOf = (disk: MemoryDisk, ref: ShardRef): DiskShard | undefined =>
  disk.roots.get(ref.root)?.shards.get(ref.shard)

const replace = (disk: MemoryDisk, ref: ShardRef, shard: DiskShard): void => {
  const root = disk.roots.get(ref.root)
  if (root) disk.roots.set(ref.root, { ...root, shards: new Map(root.shards).set(ref.shard, shard) })
}

/** Any snapshot is taken, whatever was stored and whatever history it was built on. */
export const withoutSnapshotCompare: Flaw = (store, disk) => ({
  ...store,
  snapshot: async (ref, epoch, next) => {
    const shard = shardOf(disk, ref)
    const last = shard?.rows[Math.min(next.to, shard.rows.length) - 1]
    if (!shard || !last) return store.snapshot(ref, epoch, next)
    replace(disk, ref, { ...shard, snapshot: undefined })
    return store.snapshot(ref, epoch, { ...next, to: last.seq, hashTo: last.hash })
  }
})

/** The same bytes sent again are stored again. */
export const withoutDedupe: Flaw = (store, disk) => ({
  ...store,
  append: async (batch) => {
    for (const ref of batch) {
      const shard = shardOf(disk, ref)
      if (shard) replace(disk, ref, { ...shard, seqByDigest: new Map() })
    }
    return store.append(batch)
  }
})

const CHAIN_LABEL = asciiToBytes('council.sealed.1 chain')

/**
 * Both sides compute chain hashes from the seq alone: with no history in the hash, comparing hashes shows nothing.
 * @param sha256 what everything else is still hashed with
 */
export const blindChain = (sha256: Sha256): Sha256 => {
  const HASHED_HISTORY_BYTES = 16 + 32
  return (bytes) => {
    const label = bytes.subarray(1, 1 + CHAIN_LABEL.byteLength)
    const isChain = bytes[0] === CHAIN_LABEL.byteLength && bytesEqual(label, CHAIN_LABEL)
    return sha256(isChain ? bytes.subarray(0, bytes.byteLength - HASHED_HISTORY_BYTES) : bytes)
  }
}
