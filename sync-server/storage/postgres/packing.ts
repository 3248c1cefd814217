/** How lists go to Postgres: bytes one after the other as one binary parameter, the rest as array literals. Hexadecimal would double them. */

export interface Packed {
  readonly bytes: Buffer
  /** Array literals: where each begins, from 1, and its size. */
  readonly ats: string
  readonly sizes: string
}

export const packBytes = (list: readonly Uint8Array[]): Packed => {
  const bytes = Buffer.allocUnsafe(list.reduce((sum, each) => sum + each.byteLength, 0))
  const ats: number[] = []
  const sizes: number[] = []
  let at = 0
  for (const each of list) {
    bytes.set(each, at)
    ats.push(at + 1)
    sizes.push(each.byteLength)
    at += each.byteLength
  }
  return { bytes, ats: arrayOf(ats), sizes: arrayOf(sizes) }
}

/** @param list numbers, or text without quotes, commas, braces, backslashes and spaces */
export const arrayOf = (list: readonly (number | string)[]): string => `{${list.join(',')}}`

/** @param list hexadecimal */
export const arrayOfHex = (list: readonly string[]): string =>
  list.length === 0 ? '{}' : `{"\\\\x${list.join('","\\\\x')}"}`

/** A literal of bytes that are written in hexadecimal already, as shard ids are. */
export const hexOf = (hexadecimal: string): string => `\\x${hexadecimal}`

/** As a bigint takes it: "no limit" is a very large one. */
export const wholeOf = (value: number): number => Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER))
