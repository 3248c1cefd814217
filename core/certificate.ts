import { type Encoder, writeUint8, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { asciiToBytes } from './bytes.ts'
import type { RootId, ShardId } from './ids.ts'
import type { Result } from './result.ts'
import {
  decode,
  encode,
  readByte,
  readFixed,
  readRootId,
  readShardId,
  readVarUint,
  writeFixed,
  writeRootId,
  writeShardId
} from './wire.ts'

/** Signed byte strings. Each begins with its own length-prefixed label, so that no signature fits two purposes. */

const label = (name: string): Uint8Array => asciiToBytes(`council.sealed.1 ${name}`)

export const CAP_READ = 1
export const CAP_APPEND = 2
export const CAP_SNAP = 4
export const CAP_JOIN = 8
export const CAPS_OWN = CAP_READ | CAP_APPEND | CAP_SNAP

/** What R grants to the holders of W_n. */
export interface WriterCertificate {
  /** R's Ed25519 public key, 32 bytes; the root id is its hash. */
  readonly rootKey: Uint8Array
  readonly epoch: number
  readonly writerKey: Uint8Array
  /** Bit field of CAP_*. */
  readonly caps: number
  /** Milliseconds since 1970 UTC, or 0 for never. */
  readonly notAfter: number
  readonly signature: Uint8Array
}

/** What is signed is what is sent. */
const writeCertified = (encoder: Encoder, certificate: Omit<WriterCertificate, 'signature'>): void => {
  writeFixed(encoder, certificate.rootKey, 32)
  writeVarUint(encoder, certificate.epoch)
  writeFixed(encoder, certificate.writerKey, 32)
  writeUint8(encoder, certificate.caps)
  writeVarUint(encoder, certificate.notAfter)
}

export const writerCertificateMessage = (certificate: Omit<WriterCertificate, 'signature'>): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, label('writer'))
    writeCertified(encoder, certificate)
  })

export const encodeWriterCertificate = (certificate: WriterCertificate): Uint8Array =>
  encode((encoder) => {
    writeCertified(encoder, certificate)
    writeFixed(encoder, certificate.signature, 64)
  })

export const decodeWriterCertificate = (bytes: Uint8Array): Result<WriterCertificate, 'malformed'> =>
  decode(bytes, (decoder) => ({
    rootKey: readFixed(decoder, 32),
    epoch: readVarUint(decoder),
    writerKey: readFixed(decoder, 32),
    caps: readByte(decoder),
    notAfter: readVarUint(decoder),
    signature: readFixed(decoder, 64)
  }))

/** Signed by the practitioner key that the recovery phrase derives: "this device is mine". */
export interface DeviceCertificate {
  readonly practitionerKey: Uint8Array
  readonly deviceKey: Uint8Array
  readonly signature: Uint8Array
}

export const deviceCertificateMessage = (certificate: Omit<DeviceCertificate, 'signature'>): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, label('device'))
    writeFixed(encoder, certificate.practitionerKey, 32)
    writeFixed(encoder, certificate.deviceKey, 32)
  })

export const encodeDeviceCertificate = (certificate: DeviceCertificate): Uint8Array =>
  encode((encoder) => {
    writeFixed(encoder, certificate.practitionerKey, 32)
    writeFixed(encoder, certificate.deviceKey, 32)
    writeFixed(encoder, certificate.signature, 64)
  })

export const decodeDeviceCertificate = (bytes: Uint8Array): Result<DeviceCertificate, 'malformed'> =>
  decode(bytes, (decoder) => ({
    practitionerKey: readFixed(decoder, 32),
    deviceKey: readFixed(decoder, 32),
    signature: readFixed(decoder, 64)
  }))

/**
 * What W signs to open a root on one socket.
 * @param host as the device dialled it: lower case, with a port unless it is the scheme's default ("council.example", "localhost:8080").
 */
export const authMessage = (fields: {
  readonly host: string
  readonly relayKey: Uint8Array
  readonly root: RootId
  readonly challenge: Uint8Array
}): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, label('auth'))
    writeVarString(encoder, fields.host)
    writeFixed(encoder, fields.relayKey, 32)
    writeRootId(encoder, fields.root)
    writeFixed(encoder, fields.challenge, 32)
  })

export type EraseScope =
  | { readonly kind: 'root'; readonly root: RootId }
  | { readonly kind: 'shard'; readonly root: RootId; readonly shard: ShardId }

/** What R signs to erase for good. No time in it: an erasure is final, replaying it changes nothing. */
export const eraseMessage = (scope: EraseScope): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, label('erase'))
    writeRootId(encoder, scope.root)
    writeUint8(encoder, scope.kind === 'root' ? 0 : 1)
    if (scope.kind === 'shard') writeShardId(encoder, scope.shard)
  })

/** An erasure that anyone who knows the root id can verify: the key hashes to the root id, the signature is the key's. */
export interface ErasureProof {
  readonly scope: EraseScope
  readonly rootKey: Uint8Array
  readonly signature: Uint8Array
}

export const encodeErasureProof = (proof: ErasureProof): Uint8Array =>
  encode((encoder) => {
    writeRootId(encoder, proof.scope.root)
    writeUint8(encoder, proof.scope.kind === 'root' ? 0 : 1)
    if (proof.scope.kind === 'shard') writeShardId(encoder, proof.scope.shard)
    writeFixed(encoder, proof.rootKey, 32)
    writeFixed(encoder, proof.signature, 64)
  })

export const decodeErasureProof = (bytes: Uint8Array): Result<ErasureProof, 'malformed'> =>
  decode(bytes, (decoder) => {
    const root = readRootId(decoder)
    const kind = readByte(decoder)
    if (kind > 1) throw new Error('unknown scope')
    const scope: EraseScope = kind === 0 ? { kind: 'root', root } : { kind: 'shard', root, shard: readShardId(decoder) }
    return { scope, rootKey: readFixed(decoder, 32), signature: readFixed(decoder, 64) }
  })

/** What the relay key signs after an erasure. */
export interface EraseReceipt {
  readonly relayKey: Uint8Array
  /** The relay's clock when the erasure was on its disk, ms since 1970 UTC. */
  readonly erasedAt: number
  /** Days until the host's own backups no longer hold the data; 0 = the host keeps none. */
  readonly backupDays: number
  readonly signature: Uint8Array
}

/** What is signed is what is sent. */
const writeReceived = (encoder: Encoder, receipt: Omit<EraseReceipt, 'signature'>): void => {
  writeFixed(encoder, receipt.relayKey, 32)
  writeVarUint(encoder, receipt.erasedAt)
  writeVarUint(encoder, receipt.backupDays)
}

export const eraseReceiptMessage = (proof: ErasureProof, receipt: Omit<EraseReceipt, 'signature'>): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, label('receipt'))
    writeVarUint8Array(encoder, encodeErasureProof(proof))
    writeReceived(encoder, receipt)
  })

export const encodeEraseReceipt = (receipt: EraseReceipt): Uint8Array =>
  encode((encoder) => {
    writeReceived(encoder, receipt)
    writeFixed(encoder, receipt.signature, 64)
  })

export const decodeEraseReceipt = (bytes: Uint8Array): Result<EraseReceipt, 'malformed'> =>
  decode(bytes, (decoder) => ({
    relayKey: readFixed(decoder, 32),
    erasedAt: readVarUint(decoder),
    backupDays: readVarUint(decoder),
    signature: readFixed(decoder, 64)
  }))
