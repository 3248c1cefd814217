import { hexToBytes } from '#core/bytes.ts'
import { decodeErasureProof, type ErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, type ShardId, seq } from '#core/ids.ts'
import type { Head, ShardRef, StoreFailure } from '#server/rooms/ports.ts'
import { NO_SHARD, type RootRow, type Rows, type ShardRow } from './rows.ts'

/** A copy that owns its memory: a pooled Buffer would take its whole pool along to the other thread. */
export const own = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

/** Where a shard stands, and what speaks against touching it. */
export const createShards = (rows: Rows) => {
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

  const headOf = (shard: ShardRow): Head => ({ seq: seq(shard.head), hash: own(shard.hash) })

  return { erasedProof, refuse, hashAt, shardOf, headOf }
}
export type Shards = ReturnType<typeof createShards>
