import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** RFC 8410: what precedes the 32 bytes of an Ed25519 private key in PKCS #8, and of a public key in SPKI. */
export const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
export const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export const privateKeyOf = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })

export const publicKeyOf = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' })

export const ed25519Pair = (
  seed: Uint8Array
): { readonly publicKey: Uint8Array<ArrayBuffer>; readonly privateKey: KeyObject } => {
  const privateKey = privateKeyOf(seed)
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)) }
}
