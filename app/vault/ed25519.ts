import { getPublicKey, hashes, sign, verify } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes } from '#core/bytes.ts'
import { unshared } from './web-bytes.ts'

export interface Signer {
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** Ed25519 (RFC 8032) by the browser where it can, by a library where it cannot. Both make the same signatures. */
export interface Ed25519 {
  /** Whether the browser itself holds and uses the keys. */
  readonly native: boolean
  signerFromSeed(seed: Uint8Array): Promise<Signer>
  /** Native only: a pair whose private half no script can read. */
  generate(): Promise<{ readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }>
  signerFromKey(publicKey: Uint8Array, privateKey: CryptoKey): Signer
  /** False for anything that is not a valid signature, a malformed key included. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

/** The library takes its hash from outside; a synchronous one spares a detour through WebCrypto for each key. */
hashes.sha512 = sha512

/** RFC 8410: the fixed prefix of a PKCS #8 private key that carries a 32-byte seed. */
const PKCS8_PREFIX = hexToBytes('302e020100300506032b657004220420')
/** A person has a handful of devices: enough to import each key once. */
const IMPORTED_KEYS = 64

const nativeEd25519 = (subtle: SubtleCrypto): Ed25519 => {
  const imported = new Map<string, Promise<CryptoKey>>()
  const importPublic = (publicKey: Uint8Array): Promise<CryptoKey> => {
    const name = bytesToHex(publicKey)
    const kept = imported.get(name)
    if (kept) return kept
    if (imported.size >= IMPORTED_KEYS) imported.clear()
    const key = subtle.importKey('raw', unshared(publicKey), 'Ed25519', true, ['verify'])
    imported.set(name, key)
    return key
  }
  const signerFromKey = (publicKey: Uint8Array, privateKey: CryptoKey): Signer => ({
    publicKey,
    sign: async (message) => new Uint8Array(await subtle.sign('Ed25519', privateKey, unshared(message)))
  })
  return {
    native: true,
    signerFromKey,
    signerFromSeed: async (seed) => {
      const pkcs8 = unshared(concatBytes(PKCS8_PREFIX, seed))
      const privateKey = await subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
      // WebCrypto gives no public half for a seed without making the private half readable.
      return signerFromKey(getPublicKey(seed), privateKey)
    },
    generate: async () => {
      const pair = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
      const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey))
      return { publicKey, privateKey: pair.privateKey }
    },
    verify: async (publicKey, message, signature) => {
      try {
        return await subtle.verify('Ed25519', await importPublic(publicKey), unshared(signature), unshared(message))
      } catch {
        return false
      }
    }
  }
}

const libraryEd25519 = (): Ed25519 => ({
  native: false,
  signerFromSeed: async (seed) => {
    const kept = seed.slice()
    return { publicKey: getPublicKey(kept), sign: async (message) => sign(message, kept) }
  },
  generate: () => Promise.reject(new Error('this browser has no Ed25519 of its own')),
  signerFromKey: () => {
    throw new Error('this browser has no Ed25519 of its own')
  },
  verify: async (publicKey, message, signature) => {
    try {
      // zip215 off: RFC 8032 as the browsers implement it.
      return verify(signature, message, publicKey, { zip215: false })
    } catch {
      return false
    }
  }
})

/** Asks the browser by making a key: there is no other way to know (Chromium before 137 and Firefox before 129 refuse). */
export const createEd25519 = async (subtle: SubtleCrypto): Promise<Ed25519> => {
  try {
    const pair = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair
    // A key that cannot be put into a database cannot be a device's key.
    structuredClone(pair.privateKey)
    return nativeEd25519(subtle)
  } catch {
    return libraryEd25519()
  }
}
