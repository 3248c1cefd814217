import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  authMessage,
  CAPS_OWN,
  type EraseScope,
  encodeWriterCertificate,
  eraseMessage,
  writerCertificateMessage
} from '#core/certificate.ts'
import { encodeOuter } from '#core/entry.ts'
import type { DeviceFrame } from '#core/frames.ts'
import { type RootId, rootIdFromHash, type ShardId } from '#core/ids.ts'

/** A root with real keys and entries that are well-formed outside and noise inside: all that a relay can tell apart. */

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Ed25519 from a 32-byte seed (RFC 8410). */
export const keyPair = (
  seed: Uint8Array
): { readonly publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array } => {
  const key: KeyObject = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(spki.byteLength - 32)),
    sign: (message) => new Uint8Array(sign(null, message, key))
  }
}

export interface WireRoot {
  readonly id: RootId
  readonly rootKey: Uint8Array
  certificate(fields?: { epoch?: number; caps?: number; notAfter?: number }): Uint8Array
  auth(
    ch: number,
    given: { challenge: Uint8Array; relayKey: Uint8Array; host: string; certificate?: Uint8Array; admission?: string }
  ): DeviceFrame
  erase(ch: number, scope?: EraseScope): DeviceFrame
}

const seedOf = (text: string): Uint8Array => new Uint8Array(hkdfSync('sha256', text, '', 'wire', 32))

export const wireRoot = (name: string): WireRoot => {
  const root = keyPair(seedOf(`${name}/root`))
  const writer = keyPair(seedOf(`${name}/writer`))
  const id = rootIdFromHash(sha256(root.publicKey))
  const certificate: WireRoot['certificate'] = ({ epoch = 0, caps = CAPS_OWN, notAfter = 0 } = {}) => {
    const fields = { rootKey: root.publicKey, epoch, writerKey: writer.publicKey, caps, notAfter }
    return encodeWriterCertificate({ ...fields, signature: root.sign(writerCertificateMessage(fields)) })
  }
  return {
    id,
    rootKey: root.publicKey,
    certificate,
    auth: (ch, { challenge, relayKey, host, admission = '', certificate: encoded = certificate() }) => ({
      type: 'auth',
      ch,
      certificate: encoded,
      signature: writer.sign(authMessage({ host, relayKey, root: id, challenge })),
      host,
      admission
    }),
    erase: (ch, scope = { kind: 'root', root: id }) => ({
      type: 'erase',
      ch,
      scope,
      rootKey: root.publicKey,
      signature: root.sign(eraseMessage(scope))
    })
  }
}

export const wireShard = (n: number): ShardId => n.toString(16).padStart(32, '0') as ShardId

/** @param size bytes of ciphertext and tag. */
export const wireEntry = (text = '', { epoch = 0, kind = 1, suite = 1, size = 48 } = {}): Uint8Array => {
  const ciphertext = new Uint8Array(randomBytes(size))
  ciphertext.set(new TextEncoder().encode(text).subarray(0, size))
  return encodeOuter({ version: 1, suite, kind, epoch, nonce: new Uint8Array(randomBytes(12)), ciphertext })
}
