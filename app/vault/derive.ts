import type { DocPath } from '#app/store/ports.ts'
import { asciiToBytes } from '#core/bytes.ts'
import {
  CAPS_OWN,
  encodeWriterCertificate,
  type WriterCertificate,
  writerCertificateMessage
} from '#core/certificate.ts'
import { type RootId, rootIdFromHash, type ShardId, shardIdFromBytes } from '#core/ids.ts'
import { digestOf } from './digest.ts'
import type { Ed25519, Signer } from './ed25519.ts'
import { unshared } from './web-bytes.ts'

/** Every key that a phrase and a root incarnation derive (docs/spec/sealed-log.md section 2). Epoch 0 is a person's own root's only one. */
export interface DerivedKeys {
  readonly practitioner: Signer
  readonly rootSigner: Signer
  readonly root: RootId
  readonly writer: Signer
  readonly writerCertificate: Uint8Array
  readonly epoch: number
  readonly content: CryptoKey
  readonly live: CryptoKey
  readonly file: CryptoKey
  shard(path: DocPath): Promise<ShardId>
}

type Derive = (info: string, length: number) => Promise<Uint8Array>

const hkdf = async (subtle: SubtleCrypto, secret: Uint8Array): Promise<Derive> => {
  const key = await subtle.importKey('raw', unshared(secret), 'HKDF', false, ['deriveBits'])
  return async (info, length) => {
    const params = {
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(),
      info: asciiToBytes(`council.sealed.1 ${info}`)
    }
    return new Uint8Array(await subtle.deriveBits(params, key, length * 8))
  }
}

const aesKey = (subtle: SubtleCrypto, bytes: Uint8Array): Promise<CryptoKey> =>
  subtle.importKey('raw', unshared(bytes), 'AES-GCM', false, ['encrypt', 'decrypt'])

const grantWriter = async (root: Signer, writer: Signer, epoch: number): Promise<Uint8Array> => {
  const granted: Omit<WriterCertificate, 'signature'> = {
    rootKey: root.publicKey,
    epoch,
    writerKey: writer.publicKey,
    caps: CAPS_OWN,
    notAfter: 0
  }
  return encodeWriterCertificate({ ...granted, signature: await root.sign(writerCertificateMessage(granted)) })
}

/** @param entropy P, 16 bytes. @param incarnation 0, and one more after each erasure of the whole root. */
export const deriveKeys = async (
  subtle: SubtleCrypto,
  ed25519: Ed25519,
  entropy: Uint8Array,
  incarnation: number
): Promise<DerivedKeys> => {
  const fromPhrase = await hkdf(subtle, entropy)
  const fromRoot = await hkdf(subtle, await fromPhrase(`own/root/${incarnation}`, 32))
  const fromEpoch = await hkdf(subtle, await fromRoot('epoch/0', 32))
  const rootSigner = await ed25519.signerFromSeed(await fromRoot('root/sign', 32))
  const writer = await ed25519.signerFromSeed(await fromEpoch('writer', 32))
  return {
    practitioner: await ed25519.signerFromSeed(await fromPhrase('id/sign', 32)),
    rootSigner,
    root: rootIdFromHash(await digestOf(subtle, rootSigner.publicKey)),
    writer,
    writerCertificate: await grantWriter(rootSigner, writer, 0),
    epoch: 0,
    content: await aesKey(subtle, await fromEpoch('content', 32)),
    live: await aesKey(subtle, await fromEpoch('live', 32)),
    file: await aesKey(subtle, await fromPhrase('file', 32)),
    shard: async (path) => shardIdFromBytes(await fromRoot(`shard/${path}`, 16))
  }
}
