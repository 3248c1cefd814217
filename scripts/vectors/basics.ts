import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto'
import { writeVarUint } from 'lib0/encoding'
import { phraseToEntropy } from '#app/vault/phrase.ts'
import { asciiToBytes, bytesToHex, concatBytes, hexToBytes } from '#core/bytes.ts'
import { padmeLength } from '#core/entry.ts'
import {
  type DeviceId,
  deviceIdFromHash,
  type RootId,
  rootIdFromHash,
  type ShardId,
  shardIdFromBytes
} from '#core/ids.ts'
import { encode } from '#core/wire.ts'

/** Everything here is made with Node's own primitives, so that the vault is checked against another implementation. */

export const PHRASE = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
export const PATHS = ['keyring', 'library', 'journal/2026/0', 'journal/2026/1'] as const

export const hex = bytesToHex
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
/** Fixed bytes that are easy to recognise: `from`, `from` + 1, … */
export const counting = (from: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (from + i) & 255)

export const hkdf = (secret: Uint8Array, info: string, length: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), asciiToBytes(`council.sealed.1 ${info}`), length))

export interface Ed25519Key {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

export const ed25519FromSeed = (seed: Uint8Array): Ed25519Key => {
  const der = concatBytes(hexToBytes('302e020100300506032b657004220420'), seed)
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  const publicKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12))
  return { seed, publicKey, sign: (message) => new Uint8Array(sign(null, message, key)) }
}

export const P = phraseToEntropy(PHRASE.split(' '))
export const practitioner = ed25519FromSeed(hkdf(P, 'id/sign', 32))
/** A device key is random in life. */
export const deviceKey = ed25519FromSeed(counting(0x40, 32))
export const device: DeviceId = deviceIdFromHash(sha256(deviceKey.publicKey))
/** A relay's key is random in life. */
export const relayKey = ed25519FromSeed(counting(0x80, 32))

export const rootKeys = (incarnation: number) => {
  const secret = hkdf(P, `own/root/${incarnation}`, 32)
  const rootKey = ed25519FromSeed(hkdf(secret, 'root/sign', 32))
  const epochSecret = hkdf(secret, 'epoch/0', 32)
  const root: RootId = rootIdFromHash(sha256(rootKey.publicKey))
  const shard = (path: string): ShardId => shardIdFromBytes(hkdf(secret, `shard/${path}`, 16))
  return {
    incarnation,
    secret,
    rootKey,
    root,
    epochSecret,
    writer: ed25519FromSeed(hkdf(epochSecret, 'writer', 32)),
    shard
  }
}

export const encodingVectors = () => ({
  varuint: [0, 1, 127, 128, 255, 300, 16_384, 999_000, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER].map((value) => ({
    value,
    bytes: hex(encode((encoder) => writeVarUint(encoder, value)))
  })),
  malformedVaruint: ['8000', '80', 'ff00', '8080808080808010', 'ffffffffffffff7f'],
  padme: [0, 1, 2, 8, 9, 100, 129, 200, 1_000, 1_025, 9_999, 65_537, 999_000, 63_999_999].map((length) => ({
    length,
    padded: padmeLength(length)
  })),
  host: [
    'ws://localhost:8080/sealed',
    'ws://localhost:80/sealed',
    'wss://Council.Example/sealed',
    'wss://council.example:443/sealed',
    'wss://council.example:8443/sealed',
    'ws://192.168.1.20:8080/sealed',
    'ws://[::1]:8080/sealed'
  ].map((dialled) => ({ dialled, host: new URL(dialled).host }))
})

export const keyVectors = () => ({
  phrase: PHRASE,
  P: hex(P),
  practitioner: keyVector(practitioner),
  practitionerBoxSecret: hex(hkdf(P, 'id/box', 32)),
  fileKey: hex(hkdf(P, 'file', 32)),
  device: { ...keyVector(deviceKey), id: device },
  roots: [0, 1].map((incarnation) => {
    const keys = rootKeys(incarnation)
    return {
      incarnation,
      secret: hex(keys.secret),
      R: keyVector(keys.rootKey),
      rootId: keys.root,
      epochSecret: hex(keys.epochSecret),
      contentKey: hex(hkdf(keys.epochSecret, 'content', 32)),
      liveKey: hex(hkdf(keys.epochSecret, 'live', 32)),
      W: keyVector(keys.writer),
      shards: Object.fromEntries(PATHS.map((path) => [path, keys.shard(path)]))
    }
  })
})

export const keyVector = ({ seed, publicKey }: Ed25519Key) => ({ seed: hex(seed), publicKey: hex(publicKey) })
