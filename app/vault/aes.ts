import { unshared } from './web-bytes.ts'

/** AES-256-GCM with a 16-byte tag behind the ciphertext. */

export const encryptAes = async (
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array,
  associated: Uint8Array,
  plaintext: Uint8Array
): Promise<Uint8Array> => {
  const params = { name: 'AES-GCM', iv: unshared(nonce), additionalData: unshared(associated), tagLength: 128 }
  return new Uint8Array(await subtle.encrypt(params, key, unshared(plaintext)))
}

/** @returns undefined when the tag does not fit: another key, other associated data, or changed bytes. */
export const decryptAes = async (
  subtle: SubtleCrypto,
  key: CryptoKey,
  nonce: Uint8Array,
  associated: Uint8Array,
  ciphertext: Uint8Array
): Promise<Uint8Array | undefined> => {
  const params = { name: 'AES-GCM', iv: unshared(nonce), additionalData: unshared(associated), tagLength: 128 }
  try {
    return new Uint8Array(await subtle.decrypt(params, key, unshared(ciphertext)))
  } catch {
    return undefined
  }
}
