import { createCipheriv } from 'node:crypto'
import { asciiToBytes, concatBytes, hexToBytes } from '#core/bytes.ts'
import {
  associatedData,
  ENTRY_KIND,
  encodeInner,
  encodeOuter,
  encodeSnapshotBody,
  FLAG_DEFLATE,
  type InnerEntry,
  type SnapshotBody,
  signedInner
} from '#core/entry.ts'
import { encodeEphemeralBody } from '#core/ephemeral.ts'
import { seq } from '#core/ids.ts'
import { encodeFileInner, encodeSealedFile, sealedFileAssociatedData } from '#core/sealed-file.ts'
import { counting, device, deviceKey, hex, hkdf, P, relayKey, rootKeys, sha256 } from './basics.ts'
import { deviceCertificate } from './proofs.ts'

const { root, epochSecret, shard: shardOf } = rootKeys(0)
const shard = shardOf('journal/2026/0')
const content = hkdf(epochSecret, 'content', 32)
const live = hkdf(epochSecret, 'live', 32)
const NO_HASH = new Uint8Array(16)
const NEVER_SEEN = { relay: new Uint8Array(4), seq: seq(0), hash: NO_HASH }

const encrypt = (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(associated)
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

/** One whole entry, step by step. */
const sealed = (key: Uint8Array, kind: number, nonce: Uint8Array, inner: InnerEntry) => {
  const header = { version: 1, suite: 1, kind, epoch: 0 }
  const message = signedInner(root, shard, header, inner)
  const signature = deviceKey.sign(message)
  const plaintext = encodeInner(inner, signature)
  const associated = associatedData(root, shard, { ...header, nonce })
  const entry = encodeOuter({ ...header, nonce, ciphertext: encrypt(key, nonce, associated, plaintext) })
  return {
    kind,
    epoch: 0,
    nonce: hex(nonce),
    device: inner.device,
    counter: inner.counter,
    prev: hex(inner.prev),
    seen: { relay: hex(inner.seen.relay), seq: inner.seen.seq, hash: hex(inner.seen.hash) },
    flags: inner.flags,
    body: hex(inner.body),
    signedMessage: hex(message),
    innerHash: hex(sha256(message).subarray(0, 16)),
    signature: hex(signature),
    plaintext: hex(plaintext),
    associatedData: hex(associated),
    entry: hex(entry),
    digest: hex(sha256(entry))
  }
}

export const NOTE = 'Sat by the window. Rain. Breath in for four, out for six. Rain again, then quiet. '
const LONG_NOTE =
  'Sat by the window. Rain. Breath in for four, out for six. Rain again, then quiet. Tea after. Rain on the window, breath out.'
/** LONG_NOTE and its first 40 letters, deflated once: encoders differ, the vector must not. */
const DEFLATED =
  '8d8dc90d80300c045bd902a214410984068c70883fb6088e80ee11c78327cf9566671239c6035e189be8645b444fa2115d65f2025164abc8d66a8035' +
  'bfd72afb838166120dd75db134618f189840d9b9be88e9c71e303e5e6b1ed3cff609'

const log = (() => {
  const first: InnerEntry = { device, counter: 1, prev: NO_HASH, seen: NEVER_SEEN, flags: 0, body: deviceCertificate }
  const certificate = sealed(content, ENTRY_KIND.deviceCertificate, counting(0x10, 12), first)
  const seen = { relay: sha256(relayKey.publicKey).slice(0, 4), seq: seq(1), hash: counting(0xa0, 16) }
  const second = { ...first, counter: 2, prev: hexToBytes(certificate.innerHash), seen, body: asciiToBytes(NOTE) }
  const update = sealed(content, ENTRY_KIND.update, counting(0x20, 12), second)
  const third = {
    ...second,
    counter: 3,
    prev: hexToBytes(update.innerHash),
    flags: FLAG_DEFLATE,
    body: hexToBytes(DEFLATED)
  }
  return { certificate, update, deflated: sealed(content, ENTRY_KIND.update, counting(0x30, 12), third) }
})()

/** The bodies stand for Yjs updates; the log does not look inside. */
export const entryVectors = () => ({
  root,
  shard,
  log: [log.certificate, log.update, log.deflated],
  inflatedBodyOfThird: hex(asciiToBytes(LONG_NOTE + LONG_NOTE.slice(0, 40)))
})

export const snapshotVectors = () => {
  const innerHash = hexToBytes(log.deflated.innerHash)
  const body: SnapshotBody = {
    from: seq(1),
    to: seq(3),
    hashTo: counting(0xb0, 16),
    covers: [{ device, counter: 3, innerHash, certificate: deviceCertificate }],
    document: asciiToBytes('the whole document')
  }
  const inner = { device, counter: 3, prev: innerHash, seen: NEVER_SEEN, flags: 0, body: encodeSnapshotBody(body) }
  return {
    root,
    shard,
    from: body.from,
    to: body.to,
    hashTo: hex(body.hashTo),
    document: hex(body.document),
    snapshot: sealed(content, ENTRY_KIND.snapshot, counting(0x50, 12), inner)
  }
}

export const ephemeralVectors = () => {
  const payload = asciiToBytes('here')
  const body = encodeEphemeralBody({ certificate: deviceCertificate, payload })
  const inner = { device, counter: 0, prev: NO_HASH, seen: NEVER_SEEN, flags: 0, body }
  return { root, shard, payload: hex(payload), frame: sealed(live, ENTRY_KIND.ephemeral, counting(0x60, 12), inner) }
}

export const fileVectors = () => {
  const nonce = counting(0x70, 12)
  const body = asciiToBytes('{"practices":[]}')
  const plaintext = encodeFileInner(0, body)
  const associated = sealedFileAssociatedData(nonce)
  const ciphertext = encrypt(hkdf(P, 'file', 32), nonce, associated, plaintext)
  return {
    nonce: hex(nonce),
    body: hex(body),
    plaintext: hex(plaintext),
    associatedData: hex(associated),
    file: hex(encodeSealedFile({ nonce, ciphertext }))
  }
}
