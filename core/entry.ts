import { writeUint8, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { asciiToBytes, hexToBytes } from './bytes.ts'
import type { DeviceId, RootId, Seq, ShardId } from './ids.ts'
import { MAX_ENTRY_BYTES, MAX_SNAPSHOT_BYTES } from './limits.ts'
import type { Result } from './result.ts'
import {
  decode,
  encode,
  readByte,
  readBytes,
  readDeviceId,
  readFixed,
  readList,
  readSeq,
  readVarUint,
  writeDeviceId,
  writeFixed,
  writeList
} from './wire.ts'

export const ENTRY_VERSION = 1
/** Suite 1: AES-256-GCM content, Ed25519 signatures, HKDF-SHA-256 derivation. */
export const SUITE_AES_GCM_ED25519 = 1

export const ENTRY_KIND = {
  update: 1,
  deviceCertificate: 2,
  snapshot: 3,
  control: 4,
  join: 5,
  file: 6,
  ephemeral: 7
} as const
export type EntryKind = (typeof ENTRY_KIND)[keyof typeof ENTRY_KIND]

/** Flags of the inner entry, a bit field. */
export const FLAG_DEFLATE = 1
export const FLAG_YJS_V2 = 2

export const NONCE_BYTES = 12
export const TAG_BYTES = 16
export const SIGNATURE_BYTES = 64

/** What the relay sees of an entry. */
export interface OuterEntry {
  readonly version: number
  readonly suite: number
  readonly kind: number
  readonly epoch: number
  readonly nonce: Uint8Array
  /** Ciphertext followed by the 16-byte tag. */
  readonly ciphertext: Uint8Array
}

type Header = Pick<OuterEntry, 'version' | 'suite' | 'kind' | 'epoch'>

/** version u8 | suite u8 | kind u8 | epoch varuint: the outer header without its nonce, which is what signatures bind. */
export const encodeHeader = (header: Header): Uint8Array =>
  encode((encoder) => {
    writeUint8(encoder, header.version)
    writeUint8(encoder, header.suite)
    writeUint8(encoder, header.kind)
    writeVarUint(encoder, header.epoch)
  })

export const encodeOuter = (entry: OuterEntry): Uint8Array =>
  encode((encoder) => {
    const header = encodeHeader(entry)
    writeFixed(encoder, header, header.byteLength)
    writeFixed(encoder, entry.nonce, NONCE_BYTES)
    writeFixed(encoder, entry.ciphertext, entry.ciphertext.byteLength)
  })

/** The relay's well-formedness check and the device's first step. Snapshots pass the same way, with their own bound. */
export const decodeOuter = (
  bytes: Uint8Array,
  limit: typeof MAX_ENTRY_BYTES | typeof MAX_SNAPSHOT_BYTES = MAX_ENTRY_BYTES
): Result<OuterEntry, 'malformed'> =>
  decode(bytes, (decoder) => {
    if (bytes.byteLength > limit) throw new Error('too long')
    const version = readByte(decoder)
    const suite = readByte(decoder)
    const kind = readByte(decoder)
    const epoch = readVarUint(decoder)
    const nonce = readFixed(decoder, NONCE_BYTES)
    const ciphertext = readFixed(decoder, bytes.byteLength - decoder.pos)
    if (version !== ENTRY_VERSION || ciphertext.byteLength < TAG_BYTES) throw new Error('not an entry')
    return { version, suite, kind, epoch, nonce, ciphertext }
  })

/** AES-GCM associated data: root | shard | the whole outer header, nonce included. */
export const associatedData = (root: RootId, shard: ShardId, entry: Omit<OuterEntry, 'ciphertext'>): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, asciiToBytes(root))
    writeFixed(encoder, hexToBytes(shard), 16)
    const header = encodeHeader(entry)
    writeFixed(encoder, header, header.byteLength)
    writeFixed(encoder, entry.nonce, NONCE_BYTES)
  })

/** Where the author's view of a relay stood: a later look at the same relay must contain it. */
export interface Seen {
  /** First 4 bytes of SHA-256(relay public key); zeros when no relay was ever reached. */
  readonly relay: Uint8Array
  readonly seq: Seq
  readonly hash: Uint8Array
}

export interface InnerEntry {
  readonly device: DeviceId
  /** 1 for a device's first entry in the shard, then without gaps. 0 in ephemeral frames, and in snapshots by a device without entries. */
  readonly counter: number
  /** H16 of the same device's previous signed inner in this shard; 16 zero bytes for counter 1. */
  readonly prev: Uint8Array
  readonly seen: Seen
  readonly flags: number
  /** As stored: deflated when FLAG_DEFLATE is set. */
  readonly body: Uint8Array
}

const ENTRY_LABEL = asciiToBytes('council.sealed.1 entry')

const encodeInnerFields = (inner: InnerEntry): Uint8Array =>
  encode((encoder) => {
    writeDeviceId(encoder, inner.device)
    writeVarUint(encoder, inner.counter)
    writeFixed(encoder, inner.prev, 16)
    writeFixed(encoder, inner.seen.relay, 4)
    writeVarUint(encoder, inner.seen.seq)
    writeFixed(encoder, inner.seen.hash, 16)
    writeUint8(encoder, inner.flags)
  })

/** The exact bytes a device signs; innerHash = SHA-256 of these, first 16 bytes. */
export const signedInner = (root: RootId, shard: ShardId, header: Header, inner: InnerEntry): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, ENTRY_LABEL)
    writeVarUint8Array(encoder, asciiToBytes(root))
    writeFixed(encoder, hexToBytes(shard), 16)
    writeVarUint8Array(encoder, encodeHeader(header))
    writeVarUint8Array(encoder, encodeInnerFields(inner))
    writeVarUint8Array(encoder, inner.body)
  })

/**
 * Padmé (Nikitin et al., PETS 2019): the padded length leaks O(log log n) bits and costs at most 12 %.
 * @param length bytes before padding
 */
export const padmeLength = (length: number): number => {
  if (length < 2) return length
  const exponent = Math.floor(Math.log2(length))
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1
  const dropped = exponent - mantissaBits
  // Arithmetic rather than bit masks: a snapshot's length fits 32 bits, its rounded length need not.
  const step = dropped > 0 ? 2 ** dropped : 1
  return Math.ceil(length / step) * step
}

/** The plaintext of the AEAD: inner fields | signature 64 | body (length-prefixed) | zeros up to the Padmé length. */
export const encodeInner = (inner: InnerEntry, signature: Uint8Array): Uint8Array => {
  const unpadded = encode((encoder) => {
    const fields = encodeInnerFields(inner)
    writeFixed(encoder, fields, fields.byteLength)
    writeFixed(encoder, signature, SIGNATURE_BYTES)
    writeVarUint8Array(encoder, inner.body)
  })
  const padded = new Uint8Array(padmeLength(unpadded.byteLength))
  padded.set(unpadded)
  return padded
}

export const decodeInner = (
  bytes: Uint8Array
): Result<{ readonly inner: InnerEntry; readonly signature: Uint8Array }, 'malformed'> =>
  decode(bytes, (decoder) => {
    const device = readDeviceId(decoder)
    const counter = readVarUint(decoder)
    const prev = readFixed(decoder, 16)
    const seen: Seen = { relay: readFixed(decoder, 4), seq: readSeq(decoder), hash: readFixed(decoder, 16) }
    const flags = readByte(decoder)
    const signature = readFixed(decoder, SIGNATURE_BYTES)
    const body = readBytes(decoder, MAX_SNAPSHOT_BYTES)
    const padding = readFixed(decoder, bytes.byteLength - decoder.pos)
    // One plaintext has one length, so that nobody can speak to the relay through the padding.
    if (bytes.byteLength !== padmeLength(bytes.byteLength - padding.byteLength))
      throw new Error('not the padded length')
    if (padding.some((byte) => byte !== 0)) throw new Error('padding is not zero')
    return { inner: { device, counter, prev, seen, flags, body }, signature }
  })

/** How far a snapshot reaches for one device: every entry of it up to `counter` is inside. */
export interface Cover {
  readonly device: DeviceId
  readonly counter: number
  readonly innerHash: Uint8Array
  /** The device's certificate (core/certificate.ts), because the entry that carried it is superseded too. */
  readonly certificate: Uint8Array
}

/** Body of a snapshot entry, before deflate. `document` is one Yjs update that stands for the whole document as of `to`. */
export interface SnapshotBody {
  /** 1 in this version: a snapshot stands for every entry up to `to`. */
  readonly from: Seq
  readonly to: Seq
  readonly hashTo: Uint8Array
  readonly covers: readonly Cover[]
  readonly document: Uint8Array
}

export const encodeSnapshotBody = (body: SnapshotBody): Uint8Array =>
  encode((encoder) => {
    writeVarUint(encoder, body.from)
    writeVarUint(encoder, body.to)
    writeFixed(encoder, body.hashTo, 16)
    writeList(encoder, body.covers, (cover) => {
      writeDeviceId(encoder, cover.device)
      writeVarUint(encoder, cover.counter)
      writeFixed(encoder, cover.innerHash, 16)
      writeVarUint8Array(encoder, cover.certificate)
    })
    writeVarUint8Array(encoder, body.document)
  })

export const decodeSnapshotBody = (bytes: Uint8Array): Result<SnapshotBody, 'malformed'> =>
  decode(bytes, (decoder) => {
    const body: SnapshotBody = {
      from: readSeq(decoder),
      to: readSeq(decoder),
      hashTo: readFixed(decoder, 16),
      covers: readList(decoder, 100_000, () => ({
        device: readDeviceId(decoder),
        counter: readVarUint(decoder),
        innerHash: readFixed(decoder, 16),
        certificate: readBytes(decoder, 1_024)
      })),
      document: readBytes(decoder, MAX_SNAPSHOT_BYTES)
    }
    if (body.from < 1 || body.from > body.to) throw new Error('not a stretch of the log')
    return body
  })
