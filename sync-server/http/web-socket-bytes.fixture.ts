import type { Socket } from 'node:net'
import { clientFrame } from './websocket/inbound.fixture.ts'

/** Bytes of which no two places look alike. */
export const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 255)
export const closeFrame = (code: number): Uint8Array =>
  clientFrame({ opcode: 8, payload: Uint8Array.of(code >> 8, code & 255) })

/** All that comes until the server ends. */
export const readToEnd = async (socket: Socket): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Frames of a server by the letter of RFC 6455. */
export const framesIn = (stream: Buffer): readonly { first: number; payload: Buffer }[] => {
  const frames = []
  for (let at = 0; at < stream.length; ) {
    const short = (stream[at + 1] ?? 0) & 127
    const [from, size] =
      short === 127
        ? [at + 10, Number(stream.readBigUInt64BE(at + 2))]
        : short === 126
          ? [at + 4, stream.readUInt16BE(at + 2)]
          : [at + 2, short]
    frames.push({ first: stream[at] ?? 0, payload: stream.subarray(from, from + size) })
    at = from + size
  }
  return frames
}
