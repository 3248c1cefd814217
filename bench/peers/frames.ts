/** WebSocket frames (RFC 6455) as a load generator needs them: no object and no copy for a small message, and a large one need not be kept. */

export interface FrameSink {
  /**
   * One binary message, valid during the call only. `total` is its length; where the reader does not keep large
   * messages, `end - start` is less.
   */
  message(bytes: Buffer, start: number, end: number, total: number): void
  ping(payload: Buffer): void
  close(code: number): void
}

export interface FrameReader {
  push(chunk: Buffer, length: number): void
  /** Off: of a message that comes in pieces only the first 64 bytes are kept. */
  setKeep(keep: boolean): void
}

const OPCODE = { continuation: 0, close: 8, ping: 9, pong: 10 } as const
const HEAD_BYTES = 64
const LONGEST_HEADER = 10

/** Bytes of a header that servers send (unmasked) by its second byte. */
const headerBytes = (second: number): number => {
  const short = second & 127
  return short < 126 ? 2 : short === 126 ? 4 : 10
}

const payloadBytes = (header: Buffer, at: number): number => {
  const short = (header[at + 1] as number) & 127
  if (short < 126) return short
  return short === 126 ? header.readUInt16BE(at + 2) : Number(header.readBigUInt64BE(at + 2))
}

export const createFrameReader = (sink: FrameSink): FrameReader => {
  let keep = true
  const header = Buffer.alloc(LONGEST_HEADER)
  let headerFill = 0
  let first = 0
  /** Of the frame under way, which did not lie whole in a chunk or is part of a message. */
  let body: Buffer | undefined
  let bodyFill = 0
  let bodyLeft = 0
  let bodyTotal = 0
  const parts: Buffer[] = []
  let partsTotal = 0
  let inMessage = false

  const control = (payload: Buffer): void => {
    const opcode = first & 15
    if (opcode === OPCODE.ping) sink.ping(payload)
    else if (opcode === OPCODE.close) sink.close(payload.length >= 2 ? payload.readUInt16BE(0) : 1005)
  }

  const finishBody = (): void => {
    const payload = (body as Buffer).subarray(0, bodyFill)
    body = undefined
    if ((first & 15) >= OPCODE.close) {
      control(payload)
      return
    }
    if (keep || parts.length === 0) parts.push(payload)
    partsTotal += bodyTotal
    inMessage = (first & 128) === 0
    if (inMessage) return
    const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    const total = partsTotal
    parts.length = 0
    partsTotal = 0
    sink.message(whole, 0, whole.length, total)
  }

  const startBody = (length: number): void => {
    const isControl = (first & 15) >= OPCODE.close
    body = Buffer.allocUnsafe(keep || isControl ? length : Math.min(length, HEAD_BYTES))
    bodyFill = 0
    bodyLeft = length
    bodyTotal = length
    if (length === 0) finishBody()
  }

  /** @returns where the next byte to read stands */
  const takeBody = (chunk: Buffer, at: number, length: number): number => {
    const taken = Math.min(bodyLeft, length - at)
    const room = Math.min(taken, (body as Buffer).length - bodyFill)
    if (room > 0) chunk.copy(body as Buffer, bodyFill, at, at + room)
    bodyFill += room
    bodyLeft -= taken
    if (bodyLeft === 0) finishBody()
    return at + taken
  }

  const takeHeaderByte = (byte: number): void => {
    header[headerFill++] = byte
    if (headerFill < 2 || headerFill < headerBytes(header[1] as number)) return
    headerFill = 0
    first = header[0] as number
    startBody(payloadBytes(header, 0))
  }

  return {
    push(chunk, length) {
      let at = 0
      while (at < length) {
        if (bodyLeft > 0) {
          at = takeBody(chunk, at, length)
          continue
        }
        if (headerFill > 0 || length - at < LONGEST_HEADER) {
          takeHeaderByte(chunk[at++] as number)
          continue
        }
        first = chunk[at] as number
        const size = payloadBytes(chunk, at)
        at += headerBytes(chunk[at + 1] as number)
        if (!inMessage && first === 0x82 && at + size <= length) {
          sink.message(chunk, at, at + size, size)
          at += size
        } else startBody(size)
      }
    },
    setKeep(value) {
      keep = value
    }
  }
}

/** Not random: nobody on loopback is to be protected; not zero, because a server may then skip the unmasking. */
const MASK = [0x5a, 0x17, 0xc3, 0x6e] as const

/** One masked frame, as a client must send it. */
export const clientFrame = (payload: Uint8Array, opcode = 2): Buffer => {
  const size = payload.length
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + 4 + size)
  frame[0] = 0x80 | opcode
  frame[1] = 0x80 | (size < 126 ? size : size < 65_536 ? 126 : 127)
  if (head === 4) frame.writeUInt16BE(size, 2)
  else if (head === 10) frame.writeBigUInt64BE(BigInt(size), 2)
  for (let i = 0; i < 4; i++) frame[head + i] = MASK[i] as number
  const at = head + 4
  for (let i = 0; i < size; i++) frame[at + i] = (payload[i] as number) ^ (MASK[i & 3] as number)
  return frame
}
