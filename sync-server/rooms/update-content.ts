import { type Decoder, readVarInt, readVarUint } from 'lib0/decoding'

/**
 * Passes over what an item of a Yjs update (V1) holds without building it, refusing what yjs 13.6.33 would throw on when it
 * reads or merges it: its readItemContent, JSON.parse, lib0's readAny and a strict UTF-8 decoder.
 */

/** Values within values. JavaScript's stack holds some thousands; nobody's document holds hundreds. */
const MAX_DEPTH = 500

const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_PARENT_SUB = 0x20
const XML_ELEMENT = 3
const XML_HOOK = 5
const LAST_TYPE = 6
const ANY_OBJECT = 118

export const fail = (): never => {
  throw new Error('undecodable')
}

export const readSafe = (from: Decoder): number => {
  const value = readVarUint(from)
  return value <= Number.MAX_SAFE_INTEGER ? value : fail()
}

export const readByte = (from: Decoder): number => {
  const byte = from.arr[from.pos++]
  return byte === undefined ? fail() : byte
}

const pass = (from: Decoder, length: number): void => {
  from.pos += length
  if (from.pos > from.arr.length) fail()
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** @returns how many bytes the character of several bytes at `at` has (RFC 3629: shortest form, no surrogates). */
const wideLength = (bytes: Uint8Array, at: number): number => {
  const lead = bytes[at] ?? 0
  const second = bytes[at + 1] ?? 0
  if (lead >= 0xc2 && lead < 0xe0) return 2
  if (lead >= 0xe0 && lead < 0xf0) {
    return (lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f) ? fail() : 3
  }
  if (lead < 0xf0 || lead > 0xf4) fail()
  return (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f) ? fail() : 4
}

/** Passes over a text. @returns its length as Yjs counts it, in UTF-16 units. */
const passText = (from: Decoder): number => {
  const length = readVarUint(from)
  const { arr: bytes, pos: start } = from
  pass(from, length)
  const end = from.pos
  let units = 0
  for (let at = start; at < end; units++) {
    if ((bytes[at] ?? 0) < 0x80) {
      at++
      continue
    }
    const width = wideLength(bytes, at)
    if (at + width > end) fail()
    for (let i = 1; i < width; i++) if (!isContinuation(bytes[at + i])) fail()
    if (width === 4) units++
    at += width
  }
  return units
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const readText = (from: Decoder): string => {
  const length = readVarUint(from)
  const start = from.pos
  pass(from, length)
  return decoder.decode(from.arr.subarray(start, from.pos))
}

/** Text with more brackets than this could be too deep; it is then measured. */
const isTooDeep = (json: string): boolean => {
  if (json.length <= MAX_DEPTH) return false
  let depth = 0
  let isQuoted = false
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i)
    if (isQuoted) {
      if (unit === 0x5c) i++
      else if (unit === 0x22) isQuoted = false
    } else if (unit === 0x22) isQuoted = true
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > MAX_DEPTH) return true
    } else if (unit === 0x5d || unit === 0x7d) depth--
  }
  return false
}

const passJson = (from: Decoder, mayBeUndefined: boolean): void => {
  const json = readText(from)
  if (mayBeUndefined && json === 'undefined') return
  if (isTooDeep(json)) fail()
  JSON.parse(json)
}

const passAny = (from: Decoder, depth: number): void => {
  if (depth > MAX_DEPTH) fail()
  switch (readByte(from)) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return
    case 125:
      readVarInt(from)
      return
    case 124:
      pass(from, 4)
      return
    case 123:
    case 122:
      pass(from, 8)
      return
    case 119:
      passText(from)
      return
    case ANY_OBJECT:
      for (let left = readVarUint(from); left > 0; left--) {
        passText(from)
        passAny(from, depth + 1)
      }
      return
    case 117:
      for (let left = readVarUint(from); left > 0; left--) passAny(from, depth + 1)
      return
    case 116:
      pass(from, readVarUint(from))
      return
    default:
      fail()
  }
}

const passType = (from: Decoder): void => {
  const type = readVarUint(from)
  if (type > LAST_TYPE) fail()
  if (type === XML_ELEMENT || type === XML_HOOK) passText(from)
}

/** @returns how many clocks the content takes. */
const passContent = (from: Decoder, ref: number): number => {
  switch (ref) {
    case 1: // deleted
      return readSafe(from)
    case 2: {
      const length = readSafe(from)
      for (let left = length; left > 0; left--) passJson(from, true)
      return length
    }
    case 3:
      pass(from, readVarUint(from))
      return 1
    case 4:
      return passText(from)
    case 5:
      passJson(from, false)
      return 1
    case 6:
      passText(from)
      passJson(from, false)
      return 1
    case 7:
      passType(from)
      return 1
    case 8: {
      const length = readSafe(from)
      for (let left = length; left > 0; left--) passAny(from, 0)
      return length
    }
    case 9:
      passText(from)
      if (from.arr[from.pos] !== ANY_OBJECT) fail()
      passAny(from, 0)
      return 1
    default:
      return fail()
  }
}

const passId = (from: Decoder): void => {
  readSafe(from)
  readSafe(from)
}

export const passItem = (from: Decoder, info: number): number => {
  if ((info & HAS_ORIGIN) !== 0) passId(from)
  if ((info & HAS_RIGHT_ORIGIN) !== 0) passId(from)
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (readVarUint(from) === 1) passText(from)
    else passId(from)
    if ((info & HAS_PARENT_SUB) !== 0) passText(from)
  }
  return passContent(from, info & 0x1f)
}
