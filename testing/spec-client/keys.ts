import { createHash, createPrivateKey, createPublicKey, hkdfSync, randomBytes, sign, verify } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { ascii, concat, equal, fromHex, label, toHex, u8, varuint } from './codec.ts'

/** Sections 2 and 3. Of BIP-39 only the word list is borrowed. */

export const sha256 = (input: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(input).digest())
export const h16 = (input: Uint8Array): Uint8Array => sha256(input).slice(0, 16)

export const phraseToP = (phrase: string): Uint8Array => {
  const indices = phrase.split(' ').map((word) => wordlist.indexOf(word))
  if (indices.length !== 12 || indices.includes(-1)) throw new Error('not 12 words of the list')
  const bits = indices.map((index) => index.toString(2).padStart(11, '0')).join('')
  const P = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2))
  if ((sha256(P)[0] ?? 0) >> 4 !== Number.parseInt(bits.slice(128), 2)) throw new Error('checksum')
  return P
}

export const hkdf = (key: Uint8Array, info: string, length: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), ascii(`council.sealed.1 ${info}`), length))

export const ed25519 = (seed: Uint8Array) => {
  const der = concat(fromHex('302e020100300506032b657004220420'), seed)
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12))
  return { publicKey, sign: (message: Uint8Array) => new Uint8Array(sign(null, message, key)) }
}

export const verifies = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const der = Buffer.from(concat(fromHex('302a300506032b6570032100'), publicKey))
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

export const rootIdOf = (publicKey: Uint8Array): string =>
  Buffer.from(sha256(publicKey)).toString('base64url').slice(0, 22)

export const deriveRoot = (phrase: string, incarnation: number) => {
  const P = phraseToP(phrase)
  const secret = hkdf(P, `own/root/${incarnation}`, 32)
  const R = ed25519(hkdf(secret, 'root/sign', 32))
  const E = hkdf(secret, 'epoch/0', 32)
  const W = ed25519(hkdf(E, 'writer', 32))
  const granted = concat(R.publicKey, varuint(0), W.publicKey, u8(7), varuint(0))
  return {
    rootId: rootIdOf(R.publicKey),
    R,
    W,
    content: hkdf(E, 'content', 32),
    live: hkdf(E, 'live', 32),
    file: hkdf(P, 'file', 32),
    practitioner: ed25519(hkdf(P, 'id/sign', 32)),
    writerCertificate: concat(granted, R.sign(concat(label('writer'), granted))),
    shard: (path: string): Uint8Array => hkdf(secret, `shard/${path}`, 16)
  }
}
export type Root = ReturnType<typeof deriveRoot>

export const certify = (root: Root, deviceKey: Uint8Array): Uint8Array => {
  const certified = concat(root.practitioner.publicKey, deviceKey)
  return concat(certified, root.practitioner.sign(concat(label('device'), certified)))
}

export const newDevice = (root: Root) => {
  const key = ed25519(new Uint8Array(randomBytes(32)))
  return { ...key, id: toHex(sha256(key.publicKey).slice(0, 8)), certificate: certify(root, key.publicKey) }
}
export type Device = ReturnType<typeof newDevice>

/** @returns device id (hexadecimal) and key, or undefined where the certificate is not this practitioner's. */
export const readDeviceCertificate = (root: Root, certificate: Uint8Array) => {
  const [practitioner, deviceKey, signature] = [
    certificate.slice(0, 32),
    certificate.slice(32, 64),
    certificate.slice(64)
  ]
  if (certificate.length !== 128 || !equal(practitioner, root.practitioner.publicKey)) return undefined
  if (!verifies(practitioner, concat(label('device'), certificate.slice(0, 64)), signature)) return undefined
  return { id: toHex(sha256(deviceKey).slice(0, 8)), deviceKey }
}
