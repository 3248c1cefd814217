import { createCipheriv, createDecipheriv, createHash, hkdfSync, type KeyObject, sign, verify } from 'node:crypto'
import { hashes } from '@noble/ed25519'
import { bytesToHex, concatBytes } from '#core/bytes.ts'
import { ed25519Pair, PKCS8_PREFIX, privateKeyOf, publicKeyOf, SPKI_PREFIX } from './ed25519.ts'
import type { Random } from './random.ts'

/**
 * The part of WebCrypto that the vault uses, over Node's synchronous primitives and a seeded source: the same results as
 * the platform's, but each call is done when it returns, so a world of thousands of calls stays in one order and is fast.
 */

type Bytes = BufferSource
interface InstantKey {
  readonly type: 'secret' | 'private' | 'public'
  readonly extractable: boolean
  readonly algorithm: { readonly name: string }
  readonly usages: readonly string[]
  /** Of Ed25519: the seed or the public key. Plain bytes, so that a log can keep the key by structured clone. */
  readonly raw: Uint8Array<ArrayBuffer>
}

const TAG_BYTES = 16

const view = (source: Bytes): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    ArrayBuffer.isView(source)
      ? (source.buffer.slice(source.byteOffset, source.byteOffset + source.byteLength) as ArrayBuffer)
      : source.slice(0)
  )

const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

const nameOf = (algorithm: unknown): string =>
  typeof algorithm === 'string' ? algorithm : (algorithm as { readonly name: string }).name

const refused = (name: string): never => {
  throw new DOMException(`instant crypto: ${name}`, name)
}

// The Ed25519 library asks the platform's own WebCrypto, whose answers come when the thread pool pleases.
hashes.sha512Async = async (message) => new Uint8Array(createHash('sha512').update(message).digest())

export const createInstantCrypto = (random: Random): Crypto => {
  const make = (
    type: InstantKey['type'],
    name: string,
    raw: Uint8Array<ArrayBuffer>,
    extractable: boolean,
    usages: readonly string[]
  ): CryptoKey => ({ type, extractable, algorithm: { name }, usages, raw }) as unknown as CryptoKey
  const open = (key: CryptoKey): InstantKey => key as unknown as InstantKey

  const importKey = (
    format: string,
    data: Bytes,
    algorithm: unknown,
    extractable: boolean,
    usages: readonly string[]
  ): CryptoKey => {
    const name = nameOf(algorithm)
    const bytes = view(data)
    if (name !== 'Ed25519') return make('secret', name, bytes, extractable, usages)
    if (format === 'pkcs8') {
      const seed = bytes.slice(PKCS8_PREFIX.length)
      return make('private', name, seed, extractable, usages)
    }
    const raw = format === 'spki' ? bytes.slice(SPKI_PREFIX.length) : bytes
    return make('public', name, raw, extractable, usages)
  }

  const exportKey = (format: string, key: CryptoKey): ArrayBuffer => {
    const { type, raw, extractable, algorithm } = open(key)
    if (!extractable && type !== 'public') refused('InvalidAccessError')
    if (algorithm.name !== 'Ed25519' || format === 'raw') return buffer(raw)
    return buffer(type === 'private' ? concatBytes(PKCS8_PREFIX, raw) : concatBytes(SPKI_PREFIX, raw))
  }

  const generateKey = (
    algorithm: { readonly name: string; readonly length?: number },
    extractable: boolean,
    usages: readonly string[]
  ) => {
    if (nameOf(algorithm) !== 'Ed25519') {
      return make('secret', nameOf(algorithm), random.bytes((algorithm.length ?? 256) / 8), extractable, usages)
    }
    const seed = random.bytes(32)
    const raw = ed25519Pair(seed).publicKey
    return {
      privateKey: make('private', 'Ed25519', seed, extractable, usages),
      publicKey: make('public', 'Ed25519', raw, true, ['verify'])
    }
  }

  const deriveBits = (
    algorithm: { readonly salt: Bytes; readonly info: Bytes },
    key: CryptoKey,
    bits: number
  ): ArrayBuffer => hkdfSync('sha256', open(key).raw, view(algorithm.salt), view(algorithm.info), bits / 8)

  const encrypt = (
    algorithm: { readonly iv: Bytes; readonly additionalData?: Bytes },
    key: CryptoKey,
    data: Bytes
  ): ArrayBuffer => {
    const cipher = createCipheriv('aes-256-gcm', open(key).raw, view(algorithm.iv))
    if (algorithm.additionalData) cipher.setAAD(view(algorithm.additionalData))
    return buffer(Buffer.concat([cipher.update(view(data)), cipher.final(), cipher.getAuthTag()]))
  }

  const decrypt = (
    algorithm: { readonly iv: Bytes; readonly additionalData?: Bytes },
    key: CryptoKey,
    data: Bytes
  ): ArrayBuffer => {
    const bytes = view(data)
    if (bytes.byteLength < TAG_BYTES) refused('OperationError')
    const decipher = createDecipheriv('aes-256-gcm', open(key).raw, view(algorithm.iv))
    if (algorithm.additionalData) decipher.setAAD(view(algorithm.additionalData))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const plain = decipher.update(bytes.subarray(0, -TAG_BYTES))
    try {
      return buffer(Buffer.concat([plain, decipher.final()]))
    } catch {
      return refused('OperationError')
    }
  }

  const objects = new Map<string, KeyObject>()
  const keyObject = (key: CryptoKey): KeyObject => {
    const { type, raw } = open(key)
    const name = `${type} ${bytesToHex(raw)}`
    const object = objects.get(name) ?? (type === 'private' ? privateKeyOf(raw) : publicKeyOf(raw))
    objects.set(name, object)
    return object
  }

  const derivedKey = (
    algorithm: never,
    key: CryptoKey,
    derived: unknown,
    extractable: boolean,
    usages: readonly string[]
  ) => importKey('raw', deriveBits(algorithm, key, 256), derived, extractable, usages)

  /** Each call has happened when it returns; what it throws becomes a rejection, as with the platform's. */
  const later =
    <Args extends readonly unknown[], Value>(run: (...args: Args) => Value) =>
    async (...args: Args): Promise<Value> =>
      run(...args)

  const subtle = {
    importKey: later(importKey),
    exportKey: later(exportKey),
    generateKey: later(generateKey),
    deriveBits: later(deriveBits),
    deriveKey: later(derivedKey),
    encrypt: later(encrypt),
    decrypt: later(decrypt),
    sign: later((_: unknown, key: CryptoKey, data: Bytes) => buffer(sign(null, view(data), keyObject(key)))),
    verify: later((_: unknown, key: CryptoKey, signature: Bytes, data: Bytes) =>
      verify(null, view(data), keyObject(key), view(signature))
    ),
    digest: later((_: unknown, data: Bytes) => buffer(createHash('sha256').update(view(data)).digest())),
    wrapKey: later((format: string, key: CryptoKey, wrapping: CryptoKey, algorithm: never) =>
      encrypt(
        algorithm,
        wrapping,
        buffer(
          open(key).algorithm.name === 'Ed25519' && format === 'pkcs8'
            ? concatBytes(PKCS8_PREFIX, open(key).raw)
            : open(key).raw
        )
      )
    ),
    unwrapKey: later(
      (
        format: string,
        wrapped: Bytes,
        wrapping: CryptoKey,
        algorithm: never,
        made: unknown,
        extractable: boolean,
        usages: readonly string[]
      ) => importKey(format, decrypt(algorithm, wrapping, wrapped), made, extractable, usages)
    )
  }

  const getRandomValues = <Target extends ArrayBufferView>(target: Target): Target => {
    new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(random.bytes(target.byteLength))
    return target
  }

  return { subtle, getRandomValues, randomUUID: () => refused('NotSupportedError') } as unknown as Crypto
}
