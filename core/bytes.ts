/** Byte-string helpers that both sides share. Nothing here copies unless it says so. */

export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.byteLength !== b.byteLength) return false
  for (let i = 0; i < a.byteLength; i++) if (a[i] !== b[i]) return false
  return true
}

export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.byteLength
  }
  return out
}

const HEX_STEP = 64

/** The value of a hexadecimal digit by its ASCII code; NaN for all else. */
const hexDigit = (code: number): number => {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN
}

/** The digits' ASCII codes. */
const HEX_CODES = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Lower-case hexadecimal: for map keys, logs and test vectors, never for the wire. */
export const bytesToHex = (bytes: Uint8Array): string => {
  let text = ''
  // In steps that fit a call's arguments; what is joined byte by byte has to be flattened before it can be a key.
  for (let from = 0; from < bytes.length; from += HEX_STEP) {
    const size = Math.min(HEX_STEP, bytes.length - from)
    const codes: number[] = new Array(size * 2)
    for (let i = 0; i < size; i++) {
      const byte = bytes[from + i] as number
      codes[i * 2] = HEX_CODES[byte >> 4] as number
      codes[i * 2 + 1] = HEX_CODES[byte & 15] as number
    }
    text += String.fromCharCode.apply(null, codes)
  }
  return text
}

/** The byte that stands `index` bytes into the text. Throws on a character that is not hexadecimal. */
export const hexByteAt = (text: string, index: number): number => {
  const byte = hexDigit(text.charCodeAt(index * 2)) * 16 + hexDigit(text.charCodeAt(index * 2 + 1))
  if (Number.isNaN(byte)) throw new Error('not hexadecimal')
  return byte
}

/** Inverse of bytesToHex. Throws on odd length or a character that is not hexadecimal: its input is our own. */
export const hexToBytes = (text: string): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(Math.ceil(text.length / 2))
  for (let i = 0; i < out.length; i++) out[i] = hexByteAt(text, i)
  return out
}

/** ASCII text to bytes: labels and root ids, which are ASCII by definition. */
export const asciiToBytes = (text: string): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) throw new Error('not ASCII')
    out[i] = code
  }
  return out
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** base64url without padding (RFC 4648 section 5). */
export const bytesToBase64Url = (bytes: Uint8Array): string => {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const digits = Math.min(bytes.length - i, 3) + 1
    for (let d = 0; d < digits; d++) text += BASE64URL[(group >> (18 - 6 * d)) & 63]
  }
  return text
}
