import { asciiToBytes, hexToBytes } from './bytes.ts'
import type { RootId, Seq, ShardId } from './ids.ts'

/** Synchronous SHA-256, 32 bytes out. An argument, so that each side uses its fastest. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

export const HASH_BYTES = 16
/** The chain hash at seq 0, before any entry. */
export const EMPTY_CHAIN_HASH: Uint8Array = new Uint8Array(HASH_BYTES)

const CHAIN_LABEL = asciiToBytes('council.sealed.1 chain')
/** Label and root with a byte of length each, a shard, the longest varuint of a seq, a hash, a digest; with room for a longer root. */
const INPUT_BYTES = 256

/**
 * What is hashed: label | root | shard | seq | hash_{n-1} | digest, with label and root length-prefixed and seq as varuint, so
 * that no two inputs share an encoding. One buffer is written again and again: a relay hashes thousands a second.
 */
export interface ChainInput {
  /** @param root ASCII @param shard 16 bytes */
  begin(root: Uint8Array, shard: Uint8Array): void
  /** For the shard begun last. @returns bytes that are good until the next call */
  at(seq: number, previous: Uint8Array, digest: Uint8Array): Uint8Array
}

export const createChainInput = (): ChainInput => {
  const input = new Uint8Array(INPUT_BYTES)
  input[0] = CHAIN_LABEL.byteLength
  input.set(CHAIN_LABEL, 1)
  const rootAt = 1 + CHAIN_LABEL.byteLength
  let seqAt = rootAt
  return {
    begin(root, shard) {
      input[rootAt] = root.byteLength
      input.set(root, rootAt + 1)
      input.set(shard, rootAt + 1 + root.byteLength)
      seqAt = rootAt + 1 + root.byteLength + shard.byteLength
    },
    at(seq, previous, digest) {
      let end = seqAt
      // A seq may be larger than what bit operators hold.
      for (let rest = seq; ; rest = Math.floor(rest / 128)) {
        input[end++] = rest < 128 ? rest : (rest % 128) | 128
        if (rest < 128) break
      }
      input.set(previous, end)
      input.set(digest, end + previous.byteLength)
      return input.subarray(0, end + previous.byteLength + digest.byteLength)
    }
  }
}

const kept = createChainInput()

/**
 * hash_n = SHA-256(label | root | shard | seq | hash_{n-1} | digest)[:16].
 * @param digest SHA-256 of the whole entry as the relay stores it, 32 bytes.
 */
export const nextChainHash = (
  sha256: Sha256,
  place: { readonly root: RootId; readonly shard: ShardId; readonly seq: Seq },
  previous: Uint8Array,
  digest: Uint8Array
): Uint8Array => {
  kept.begin(asciiToBytes(place.root), hexToBytes(place.shard))
  return sha256(kept.at(place.seq, previous, digest)).slice(0, HASH_BYTES)
}
