import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ascii, bytes, concat, createReader, fromHex, label, list, Malformed, toHex, u8, varuint } from './codec.ts'
import { type Device, h16, type Root, readDeviceCertificate, verifies } from './keys.ts'

/** Sections 4 and 7. */

export const KIND = { update: 1, certificate: 2, snapshot: 3 } as const

export interface Line {
  readonly counter: number
  readonly innerHash: Uint8Array
  readonly certificate: Uint8Array
}
export type Lines = Map<string, Line>

export const padme = (length: number): number => {
  if (length < 2) return length
  const e = Math.floor(Math.log2(length))
  const step = 2 ** (e - (Math.floor(Math.log2(e)) + 1))
  return step < 1 ? length : Math.ceil(length / step) * step
}

const encrypt = (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(associated)
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

const decrypt = (key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Uint8Array => {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.slice(-16))
  return concat(decipher.update(sealed.slice(0, -16)), decipher.final())
}

export type Inner = Pick<ReturnType<typeof unseal>, 'kind' | 'counter' | 'prev' | 'seen' | 'body'>

const signedMessage = (root: Root, shard: Uint8Array, header: Uint8Array, fields: Uint8Array, body: Uint8Array) =>
  concat(label('entry'), bytes(ascii(root.rootId)), shard, bytes(header), bytes(fields), bytes(body))

export const seal = (root: Root, shard: Uint8Array, device: Device, inner: Inner) => {
  const deflated = new Uint8Array(deflateRawSync(inner.body))
  const isDeflated = deflated.length < inner.body.length && inner.body.length <= deflated.length * 16
  const body = isDeflated ? deflated : inner.body
  const header = concat(u8(1), u8(1), u8(inner.kind), varuint(0))
  const { seen } = inner
  const seenFields = concat(seen.relay, varuint(seen.seq), seen.hash)
  const fields = concat(fromHex(device.id), varuint(inner.counter), inner.prev, seenFields, u8(isDeflated ? 1 : 0))
  const message = signedMessage(root, shard, header, fields, body)
  const unpadded = concat(fields, device.sign(message), bytes(body))
  const plaintext = concat(unpadded, new Uint8Array(padme(unpadded.length) - unpadded.length))
  const nonce = new Uint8Array(randomBytes(12))
  const associated = concat(bytes(ascii(root.rootId)), shard, header, nonce)
  return { entry: concat(header, nonce, encrypt(root.content, nonce, associated, plaintext)), innerHash: h16(message) }
}

const inflate = (body: Uint8Array): Uint8Array => {
  const maxOutputLength = Math.min(body.length * 16, 64_000_000)
  const { buffer, engine } = inflateRawSync(body, { maxOutputLength, info: true }) as unknown as {
    buffer: Buffer
    engine: { bytesWritten: number }
  }
  if (engine.bytesWritten !== body.length) throw new Malformed('bytes behind the deflate stream')
  return new Uint8Array(buffer)
}

/** Decrypts without judging the author. Throws on everything that is not an entry of this root and shard. */
const unseal = (root: Root, shard: Uint8Array, entry: Uint8Array) => {
  const outer = createReader(entry)
  const [version, suite, kind, epoch] = [outer.u8(), outer.u8(), outer.u8(), outer.varuint()]
  if (version !== 1 || suite !== 1 || epoch !== 0) throw new Malformed('unknown version, suite or epoch')
  const header = entry.slice(0, outer.at())
  const nonce = outer.fixed(12)
  const associated = concat(bytes(ascii(root.rootId)), shard, header, nonce)
  const plaintext = decrypt(root.content, nonce, associated, outer.fixed(outer.left()))
  const inner = createReader(plaintext)
  const device = toHex(inner.fixed(8))
  const counter = inner.varuint()
  const prev = inner.fixed(16)
  const seen = { relay: inner.fixed(4), seq: inner.varuint(), hash: inner.fixed(16) }
  const flags = inner.u8()
  const fields = plaintext.slice(0, inner.at())
  const signature = inner.fixed(64)
  const stored = inner.bytes()
  if (padme(inner.at()) !== plaintext.length || inner.fixed(inner.left()).some((byte) => byte !== 0)) {
    throw new Malformed('padding')
  }
  const message = signedMessage(root, shard, header, fields, stored)
  const body = (flags & 1) === 1 ? inflate(stored) : stored
  return { kind, device, counter, prev, seen, flags, signature, body, message, innerHash: h16(message) }
}

/**
 * Opens the next entry of a log and notes its author. undefined: not to be applied (opaque or invalid; this small client
 * keeps no list of what to try again).
 */
export const openEntry = (root: Root, shard: Uint8Array, lines: Lines, entry: Uint8Array) => {
  let opened: ReturnType<typeof unseal>
  try {
    opened = unseal(root, shard, entry)
  } catch {
    return undefined
  }
  const known = lines.get(opened.device)
  const certificate = known?.certificate ?? (opened.kind === KIND.certificate ? opened.body : undefined)
  const author = certificate && readDeviceCertificate(root, certificate)
  if (!certificate || author?.id !== opened.device) return undefined
  if (!verifies(author.deviceKey, opened.message, opened.signature)) return undefined
  const last = known?.counter ?? 0
  if (opened.counter > last + 1) return undefined
  if (opened.counter > last)
    lines.set(opened.device, { counter: opened.counter, innerHash: opened.innerHash, certificate })
  return opened
}

export type Snapshot = ReturnType<typeof openSnapshot>

export const sealSnapshot = (root: Root, shard: Uint8Array, device: Device, snapshot: Snapshot): Uint8Array => {
  const covers = [...snapshot.covers].map(([id, line]) =>
    concat(fromHex(id), varuint(line.counter), line.innerHash, bytes(line.certificate))
  )
  const stretch = concat(varuint(snapshot.from), varuint(snapshot.to), snapshot.hashTo)
  const body = concat(stretch, list(covers), bytes(snapshot.document))
  const own = snapshot.covers.get(device.id)
  const seen = { relay: new Uint8Array(4), seq: 0, hash: new Uint8Array(16) }
  const inner = {
    kind: KIND.snapshot,
    counter: own?.counter ?? 0,
    prev: own?.innerHash ?? new Uint8Array(16),
    seen,
    body
  }
  return seal(root, shard, device, inner).entry
}

export const openSnapshot = (root: Root, shard: Uint8Array, entry: Uint8Array) => {
  const opened = unseal(root, shard, entry)
  const reader = createReader(opened.body)
  const [from, to, hashTo] = [reader.varuint(), reader.varuint(), reader.fixed(16)]
  const covers: Lines = new Map()
  const readCover = (): void => {
    const [id, counter, innerHash, certificate] = [
      toHex(reader.fixed(8)),
      reader.varuint(),
      reader.fixed(16),
      reader.bytes()
    ]
    if (covers.has(id) || readDeviceCertificate(root, certificate)?.id !== id) throw new Malformed('cover')
    covers.set(id, { counter, innerHash, certificate })
  }
  reader.list(readCover)
  const document = reader.bytes()
  reader.end()
  const author = covers.get(opened.device)
  const key = author && readDeviceCertificate(root, author.certificate)
  if (opened.kind !== KIND.snapshot || from < 1 || from > to || !key) throw new Malformed('snapshot')
  if (!verifies(key.deviceKey, opened.message, opened.signature)) throw new Malformed('signature')
  return { from, to, hashTo, covers, document }
}
