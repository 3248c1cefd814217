import { createEncoder, toUint8Array, writeUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { asciiToBytes, hexToBytes } from './bytes.ts'
import type { RootId, Seq, ShardId } from './ids.ts'

/** Synchronous SHA-256, 32 bytes out. An argument, so that each side uses its fastest. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

export const HASH_BYTES = 16
/** The chain hash at seq 0, before any entry. */
export const EMPTY_CHAIN_HASH: Uint8Array = new Uint8Array(HASH_BYTES)

const CHAIN_LABEL = asciiToBytes('council.sealed.1 chain')

/**
 * hash_n = SHA-256(label | root | shard | seq | hash_{n-1} | digest)[:16], with label and root length-prefixed
 * and seq as varuint, so that no two inputs share an encoding.
 * @param digest SHA-256 of the whole entry as the relay stores it, 32 bytes.
 */
export const nextChainHash = (
  sha256: Sha256,
  place: { readonly root: RootId; readonly shard: ShardId; readonly seq: Seq },
  previous: Uint8Array,
  digest: Uint8Array
): Uint8Array => {
  const encoder = createEncoder()
  writeVarUint8Array(encoder, CHAIN_LABEL)
  writeVarUint8Array(encoder, asciiToBytes(place.root))
  writeUint8Array(encoder, hexToBytes(place.shard))
  writeVarUint(encoder, place.seq)
  writeUint8Array(encoder, previous)
  writeUint8Array(encoder, digest)
  return sha256(toUint8Array(encoder)).slice(0, HASH_BYTES)
}
