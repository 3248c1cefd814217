/** The frames of RFC 6455, section 5.2, as bytes. A server masks nothing and, here, extends nothing. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export const FIN = 0x80
export const MASKED = 0x80
export const MAX_CONTROL_BYTES = 125

/** RFC 6455, section 7.4.1, as far as a relay says them by itself. */
export const STATUS = {
  goingAway: 1001,
  /** Not a frame this protocol knows, at this place. */
  protocol: 1002,
  /** Close reason that is not UTF-8. */
  notUtf8: 1007,
  /** Too many control frames or fragments, or too slow. */
  policy: 1008,
  tooBig: 1009,
  /** The relay receives as much as it can hold. */
  tryAgain: 1013
} as const

/** Codes that may stand in a close frame: RFC 6455, section 7.4, and the registry (1012-1014). */
export const isCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)

export const headerSize = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10)

/** Writes an unmasked header at the start of `frame`. @returns its size */
export const writeHeader = (frame: Uint8Array, first: number, length: number): number => {
  frame[0] = first
  if (length < 126) {
    frame[1] = length
    return 2
  }
  if (length < 65_536) {
    frame[1] = 126
    frame[2] = length >>> 8
    frame[3] = length & 0xff
    return 4
  }
  frame[1] = 127
  frame.fill(0, 2, 6)
  frame[6] = length >>> 24
  frame[7] = (length >>> 16) & 0xff
  frame[8] = (length >>> 8) & 0xff
  frame[9] = length & 0xff
  return 10
}

/** @param first FIN and opcode */
export const encodeHeader = (first: number, length: number): Uint8Array => {
  const header = new Uint8Array(headerSize(length))
  writeHeader(header, first, length)
  return header
}

/** A Buffer, because a socket makes one of all else, at every write. */
export const encodeFrame = (first: number, payload: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(headerSize(payload.length) + payload.length)
  frame.set(payload, writeHeader(frame, first, payload.length))
  return frame
}

/** @param code undefined: a close without one, as an answer to such a close */
export const encodeClose = (code: number | undefined): Buffer =>
  encodeFrame(FIN | OPCODE.close, code === undefined ? new Uint8Array(0) : Uint8Array.of(code >>> 8, code & 0xff))
