/** Below this many bytes a view of words costs more than it saves. */
const WORDS_FROM = 128

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/**
 * Takes the mask off in place, RFC 6455, section 5.3.
 * @param mask its four bytes, the first in the highest
 * @param phase how many bytes of the payload came before `from`
 */
export const unmask = (bytes: Uint8Array, from: number, to: number, mask: number, phase: number): void => {
  let at = from
  // What the mask's first byte falls on stands first: so a byte's key is found by its place alone.
  let key = rotate(mask, phase & 3)
  if (to - at >= WORDS_FROM) {
    while (((bytes.byteOffset + at) & 3) !== 0) {
      bytes[at] = (bytes[at] as number) ^ (key >>> 24)
      key = rotate(key, 1)
      at++
    }
    const count = (to - at) >>> 2
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, count)
    const word = isLittleEndian ? swap(key) : key
    for (let i = 0; i < count; i++) words[i] = (words[i] as number) ^ word
    at += count << 2
  }
  const [a, b, c, d] = [key >>> 24, (key >>> 16) & 0xff, (key >>> 8) & 0xff, key & 0xff]
  for (; at + 3 < to; at += 4) {
    bytes[at] = (bytes[at] as number) ^ a
    bytes[at + 1] = (bytes[at + 1] as number) ^ b
    bytes[at + 2] = (bytes[at + 2] as number) ^ c
    bytes[at + 3] = (bytes[at + 3] as number) ^ d
  }
  if (at < to) bytes[at] = (bytes[at] as number) ^ a
  if (at + 1 < to) bytes[at + 1] = (bytes[at + 1] as number) ^ b
  if (at + 2 < to) bytes[at + 2] = (bytes[at + 2] as number) ^ c
}

const rotate = (mask: number, bytes: number): number =>
  bytes === 0 ? mask : (mask << (8 * bytes)) | (mask >>> (32 - 8 * bytes)) | 0

const swap = (word: number): number => (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)
