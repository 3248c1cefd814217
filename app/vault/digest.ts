import { sha256 } from '@noble/hashes/sha2.js'
import { HASH_BYTES } from '#core/chain.ts'
import { unshared } from './web-bytes.ts'

/** A call into WebCrypto costs more than hashing this much in JavaScript. */
const SMALL_BYTES = 16_384

/** SHA-256, 32 bytes. */
export const digestOf = async (subtle: SubtleCrypto, bytes: Uint8Array): Promise<Uint8Array> =>
  bytes.byteLength <= SMALL_BYTES ? sha256(bytes) : new Uint8Array(await subtle.digest('SHA-256', unshared(bytes)))

/** H16: the first 16 bytes of SHA-256. */
export const shortHashOf = async (subtle: SubtleCrypto, bytes: Uint8Array): Promise<Uint8Array> =>
  (await digestOf(subtle, bytes)).slice(0, HASH_BYTES)
