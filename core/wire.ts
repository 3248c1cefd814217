import {
  createDecoder,
  type Decoder,
  readVarUint as readAnyVarUint,
  readUint8,
  readUint8Array,
  readVarString
} from 'lib0/decoding'
import { createEncoder, type Encoder, toUint8Array, writeUint8, writeUint8Array, writeVarUint } from 'lib0/encoding'
import { asciiToBytes, bytesToHex, hexByteAt, hexToBytes } from './bytes.ts'
import {
  type DeviceId,
  parseRootId,
  ROOT_ID_LENGTH,
  type RootId,
  type Seq,
  SHARD_ID_BYTES,
  type ShardId
} from './ids.ts'
import { MAX_FRAME_BYTES } from './limits.ts'
import { err, ok, type Result } from './result.ts'

/** Fixed-width and repeated fields that several frames, entries and certificates share. */

/** What an encoder gathers in, kept for the next one: its buffers cost more than what is written. One that has grown beyond it is let go. */
const KEPT_BYTES = 4_096
const createKept = (): Encoder => Object.assign(createEncoder(), { cbuf: new Uint8Array(KEPT_BYTES) })
let kept: Encoder | undefined

export const encode = (write: (encoder: Encoder) => void): Uint8Array => {
  // Within a write another one may be going on.
  const encoder = kept ?? createKept()
  kept = undefined
  encoder.cpos = 0
  write(encoder)
  if (encoder.bufs.length > 0) return toUint8Array(encoder)
  kept = encoder
  return encoder.cbuf.slice(0, encoder.cpos)
}

/**
 * Runs a reader over all of `bytes`. Anything it throws, and any byte it leaves over, is 'malformed':
 * lib0 reads past the end as undefined in places, so the exact end is what proves that every field was there.
 */
export const decode = <Value>(bytes: Uint8Array, read: (decoder: Decoder) => Value): Result<Value, 'malformed'> => {
  try {
    const decoder = createDecoder(bytes)
    const value = read(decoder)
    return decoder.pos === bytes.byteLength ? ok(value) : err('malformed')
  } catch {
    return err('malformed')
  }
}

/** A frame is its type in one byte, then its body; no longer than a frame may be. */
export const decodeFrame = <Frame>(
  bytes: Uint8Array,
  readBody: (decoder: Decoder, type: number) => Frame
): Result<Frame, 'malformed'> => {
  if (bytes.byteLength > MAX_FRAME_BYTES) return err('malformed')
  return decode(bytes, (decoder) => readBody(decoder, readByte(decoder)))
}

/** Up to here V8 keeps an array's bytes in the object itself; a loop is then cheaper than a view to copy from. */
const SMALL_BYTES = 64

/** As lib0's writeUint8Array, which makes views of what it copies: they would be most of what a relay allocates. */
const writeAll = (encoder: Encoder, bytes: Uint8Array): void => {
  const { cbuf, cpos } = encoder
  const { length } = bytes
  if (cpos + length > cbuf.length) {
    writeUint8Array(encoder, bytes)
    return
  }
  if (length > SMALL_BYTES) cbuf.set(bytes, cpos)
  else for (let i = 0; i < length; i++) cbuf[cpos + i] = bytes[i] as number
  encoder.cpos += length
}

export const writeFixed = (encoder: Encoder, bytes: Uint8Array, length: number): void => {
  if (bytes.byteLength !== length) throw new Error(`expected ${length} bytes, got ${bytes.byteLength}`)
  writeAll(encoder, bytes)
}

/** Length as varuint, then the bytes. */
export const writeBytes = (encoder: Encoder, bytes: Uint8Array): void => {
  writeVarUint(encoder, bytes.byteLength)
  writeAll(encoder, bytes)
}

/** Copies, so that a kept field does not keep its whole frame alive. */
export const readFixed = (decoder: Decoder, length: number): Uint8Array => {
  const { arr, pos } = decoder
  if (pos + length > arr.byteLength) throw new Error('truncated')
  if (length > SMALL_BYTES) return readUint8Array(decoder, length).slice()
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = arr[pos + i] as number
  decoder.pos += length
  return bytes
}

export const readByte = (decoder: Decoder): number => {
  if (decoder.pos >= decoder.arr.byteLength) throw new Error('truncated')
  return readUint8(decoder)
}

/** A number has one encoding: the shortest. lib0 also reads longer ones, and numbers that a double cannot hold. */
export const readVarUint = (decoder: Decoder): number => {
  const start = decoder.pos
  const value = readAnyVarUint(decoder)
  if (decoder.pos - start > 1 && decoder.arr[decoder.pos - 1] === 0) throw new Error('not the shortest form')
  if (value > Number.MAX_SAFE_INTEGER) throw new Error('out of range')
  return value
}

/** @returns the bytes up to `limit`; longer throws, before anything is allocated. */
export const readBytes = (decoder: Decoder, limit: number): Uint8Array => {
  const length = readVarUint(decoder)
  if (length > limit) throw new Error('too long')
  return readFixed(decoder, length)
}

/** As readBytes, but part of what is read: for what is most of it and let go with it. */
export const readPart = (decoder: Decoder, limit: number): Uint8Array => {
  const length = readVarUint(decoder)
  if (length > limit) throw new Error('too long')
  if (decoder.pos + length > decoder.arr.byteLength) throw new Error('truncated')
  return readUint8Array(decoder, length)
}

/** Bytes that are not UTF-8 throw. @param limit in bytes, checked before anything is decoded */
export const readText = (decoder: Decoder, limit: number): string => {
  const start = decoder.pos
  const length = readVarUint(decoder)
  if (length > limit || length > decoder.arr.byteLength - decoder.pos) throw new Error('too long')
  decoder.pos = start
  return readVarString(decoder)
}

export const writeRootId = (encoder: Encoder, root: RootId): void =>
  writeFixed(encoder, asciiToBytes(root), ROOT_ID_LENGTH)

export const readRootId = (decoder: Decoder): RootId => {
  const root = parseRootId(String.fromCharCode(...readFixed(decoder, ROOT_ID_LENGTH)))
  if (!root.ok) throw new Error(root.error)
  return root.value
}

export const writeShardId = (encoder: Encoder, shard: ShardId): void => {
  if (shard.length !== SHARD_ID_BYTES * 2) throw new Error(`not a shard id: ${shard}`)
  for (let i = 0; i < SHARD_ID_BYTES; i++) writeUint8(encoder, hexByteAt(shard, i))
}

export const readShardId = (decoder: Decoder): ShardId => bytesToHex(readFixed(decoder, SHARD_ID_BYTES)) as ShardId

export const writeDeviceId = (encoder: Encoder, device: DeviceId): void => writeFixed(encoder, hexToBytes(device), 8)

export const readDeviceId = (decoder: Decoder): DeviceId => bytesToHex(readFixed(decoder, 8)) as DeviceId

export const readSeq = (decoder: Decoder): Seq => readVarUint(decoder) as Seq

export const writeList = <Item>(encoder: Encoder, items: readonly Item[], write: (item: Item) => void): void => {
  writeVarUint(encoder, items.length)
  for (const item of items) write(item)
}

/** Bounded by what the frame can hold, so a forged count cannot make us allocate. */
export const readList = <Item>(decoder: Decoder, limit: number, read: () => Item): Item[] => {
  const count = readVarUint(decoder)
  if (count > limit || count > decoder.arr.byteLength - decoder.pos) throw new Error('too many')
  const items: Item[] = []
  for (let i = 0; i < count; i++) items.push(read())
  return items
}
