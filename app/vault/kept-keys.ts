import type { Shelf } from '#app/store/ports.ts'
import { err, ok, type Result } from '#core/result.ts'
import { decryptAes, encryptAes } from './aes.ts'
import type { Compression } from './deflate.ts'
import type { Ed25519, Signer } from './ed25519.ts'
import type { VaultFailure } from './ports.ts'
import type { RandomBytes } from './web-bytes.ts'

/**
 * What the profile keeps, as one structured-clone value in one shelf place: a torn write cannot leave a phrase without its device.
 * The wrapping key is non-extractable: a copy of the database file is worthless, script in this page is not kept out.
 */
export interface KeptKeys {
  readonly version: 1
  readonly wrappingKey: CryptoKey
  readonly phrase: Wrapped
  readonly incarnation: number
  readonly device: KeptDevice
}

interface Wrapped {
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

type KeptDevice =
  | { readonly guard: 'browser'; readonly publicKey: Uint8Array; readonly privateKey: CryptoKey }
  | { readonly guard: 'wrapped'; readonly publicKey: Uint8Array; readonly seed: Wrapped }

export interface Tools {
  readonly subtle: SubtleCrypto
  readonly ed25519: Ed25519
  readonly random: RandomBytes
  readonly compression: Compression
}

const NOTHING = new Uint8Array()

const wrap = async ({ subtle, random }: Tools, key: CryptoKey, secret: Uint8Array): Promise<Wrapped> => {
  const nonce = random(12)
  return { nonce, ciphertext: await encryptAes(subtle, key, nonce, NOTHING, secret) }
}

const unwrap = async ({ subtle }: Tools, key: CryptoKey, wrapped: Wrapped): Promise<Uint8Array> => {
  const secret = await decryptAes(subtle, key, wrapped.nonce, NOTHING, wrapped.ciphertext)
  if (!secret) throw new Error('the kept keys do not open')
  return secret
}

const newDevice = async (tools: Tools, wrappingKey: CryptoKey): Promise<KeptDevice> => {
  if (tools.ed25519.native) return { guard: 'browser', ...(await tools.ed25519.generate()) }
  const seed = tools.random(32)
  const { publicKey } = await tools.ed25519.signerFromSeed(seed)
  return { guard: 'wrapped', publicKey, seed: await wrap(tools, wrappingKey, seed) }
}

/** Wraps P at once and makes a device key for it. */
export const newKeptKeys = async (tools: Tools, entropy: Uint8Array, incarnation: number): Promise<KeptKeys> => {
  const wrappingKey = await tools.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const phrase = await wrap(tools, wrappingKey, entropy)
  return { version: 1, wrappingKey, phrase, incarnation, device: await newDevice(tools, wrappingKey) }
}

export const withNewDevice = async (tools: Tools, kept: KeptKeys): Promise<KeptKeys> => ({
  ...kept,
  device: await newDevice(tools, kept.wrappingKey)
})

export const keptEntropy = (tools: Tools, kept: KeptKeys): Promise<Uint8Array> =>
  unwrap(tools, kept.wrappingKey, kept.phrase)

export const keptSigner = async (tools: Tools, kept: KeptKeys): Promise<Signer> => {
  const { device } = kept
  if (device.guard === 'wrapped')
    return tools.ed25519.signerFromSeed(await unwrap(tools, kept.wrappingKey, device.seed))
  if (tools.ed25519.native) return tools.ed25519.signerFromKey(device.publicKey, device.privateKey)
  throw new Error('this browser no longer has Ed25519')
}

export type KeyPlace = 'vault/current' | 'vault/former'

const isKeptKeys = (value: unknown): value is KeptKeys =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'wrappingKey' in value

/** @returns undefined where nothing was kept. What cannot be read is a failure: keys are never silently made anew over it. */
export const readKept = async (shelf: Shelf, place: KeyPlace): Promise<Result<KeptKeys | undefined, VaultFailure>> => {
  const read = await shelf.get(place)
  if (!read.ok) return err({ kind: 'storage', reason: read.error.kind })
  if (read.value === undefined) return ok(undefined)
  return isKeptKeys(read.value)
    ? ok(read.value)
    : err({ kind: 'storage', reason: 'keys of a version this app does not know' })
}

export const writeKept = async (
  shelf: Shelf,
  place: KeyPlace,
  kept: KeptKeys | undefined
): Promise<Result<void, VaultFailure>> => {
  const written = kept ? await shelf.put(place, kept) : await shelf.delete(place)
  return written.ok ? ok(undefined) : err({ kind: 'storage', reason: written.error.kind })
}
