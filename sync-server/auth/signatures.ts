import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify
} from 'node:crypto'
import type { Sha256 } from '#core/chain.ts'

/** Ed25519 and SHA-256 by Node's own library; signatures are checked on its thread pool, not on the event loop. */

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest())

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Reading a key costs a fifth of checking a signature, and does so on the event loop; devices come back with the keys they had. */
const KEPT_KEYS = 4_000
const KEY_BYTES = 32

const publicKeys = new Map<string, KeyObject>()

/** @throws for what is no key */
const publicKeyOf = (key: Uint8Array): KeyObject => {
  const name = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
  const known = publicKeys.get(name)
  if (known !== undefined) return known
  // A reader of DER passes over what follows a key.
  if (key.byteLength !== KEY_BYTES) throw new Error('not a key')
  const made = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: 'der', type: 'spki' })
  if (publicKeys.size >= KEPT_KEYS) {
    const [oldest] = publicKeys.keys()
    if (oldest !== undefined) publicKeys.delete(oldest)
  }
  publicKeys.set(name, made)
  return made
}

/** @param key 32 bytes. False for what is no key or no signature. */
export const verifyEd25519 = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    try {
      verify(null, message, publicKeyOf(key), signature, (error, valid) => resolve(error === null && valid))
    } catch {
      resolve(false)
    }
  })

export interface SigningKey {
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Promise<Uint8Array>
}

const toSigningKey = (key: KeyObject): SigningKey => {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key')
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.byteLength)),
    sign: (message) =>
      new Promise((resolve, reject) => {
        sign(null, message, key, (error, signature) => (error ? reject(error) : resolve(new Uint8Array(signature))))
      })
  }
}

/** @param pem PKCS #8. Throws for anything that is not an Ed25519 private key. */
export const signingKeyFromPem = (pem: string): SigningKey => toSigningKey(createPrivateKey(pem))

export const newSigningKeyPem = (): string =>
  generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' }
  }).privateKey
