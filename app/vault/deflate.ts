import { concatBytes } from '#core/bytes.ts'
import { MAX_INFLATE_RATIO, MAX_SNAPSHOT_BYTES } from '#core/limits.ts'
import { unshared } from './web-bytes.ts'

/** Below this the stream costs more than it saves, and Padmé hides the difference. */
const SMALLEST_WORTH_DEFLATING = 128
/** Browsers inflate a whole written piece before anyone can stop them: at deflate's best ratio of 1032 this piece becomes 4 MB. */
const PIECE_BYTES = 4_096

const readAll = async (stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array | undefined> => {
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let total = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return parts.length === 1 ? parts[0] : concatBytes(...parts)
    total += value.byteLength
    if (total > limit) {
      // The rest is never read; the writing side sees the cancellation and stops too.
      await reader.cancel().catch(() => undefined)
      return undefined
    }
    parts.push(value)
  }
}

const feed = async (stream: WritableStream<BufferSource>, bytes: Uint8Array): Promise<void> => {
  const writer = stream.getWriter()
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
    await writer.write(unshared(bytes.subarray(at, at + PIECE_BYTES)))
  }
  await writer.close()
}

const through = async (stream: CompressionStream | DecompressionStream, bytes: Uint8Array, limit: number) => {
  // What goes wrong on the way in comes out on the other side as an error of reading.
  const fed = feed(stream.writable, bytes).catch(() => undefined)
  const read = await readAll(stream.readable, limit).catch(() => undefined)
  await fed
  return read
}

/** Raw deflate as the vault needs it: an argument, because a simulated world cannot wait for the platform's streams. */
export interface Compression {
  deflate(bytes: Uint8Array): Promise<Uint8Array>
  /** @returns undefined for what is not one whole deflate stream, and for one that passes `limit` bytes: reading stops there. */
  inflate(bytes: Uint8Array, limit: number): Promise<Uint8Array | undefined>
}

export const streamCompression: Compression = {
  deflate: async (bytes) => {
    const deflated = await through(new CompressionStream('deflate-raw'), bytes, Number.POSITIVE_INFINITY)
    if (!deflated) throw new Error('deflate failed')
    return deflated
  },
  inflate: (bytes, limit) => through(new DecompressionStream('deflate-raw'), bytes, limit)
}

/** How much `length` deflated bytes may become. */
export const inflateLimit = (length: number): number => Math.min(length * MAX_INFLATE_RATIO, MAX_SNAPSHOT_BYTES)

/** @returns undefined when deflating is of no use, or would shrink so much that every reader must take it for a bomb. */
export const deflateBody = async (compression: Compression, body: Uint8Array): Promise<Uint8Array | undefined> => {
  if (body.byteLength < SMALLEST_WORTH_DEFLATING) return undefined
  const deflated = await compression.deflate(body)
  if (deflated.byteLength >= body.byteLength) return undefined
  return inflateLimit(deflated.byteLength) >= body.byteLength ? deflated : undefined
}

/** @returns undefined for a bomb, and for what is no deflate stream. */
export const inflateBody = (compression: Compression, deflated: Uint8Array): Promise<Uint8Array | undefined> =>
  compression.inflate(deflated, inflateLimit(deflated.byteLength))
