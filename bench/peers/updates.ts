/**
 * Counts what a Yjs update (V1) holds without making a document of it, and writes the updates that are counted: each writer
 * appends items of one width to a text, so that its clock, divided by the width, is a running number.
 */

/** Real client ids are 32 random bits: five bytes on the wire, as these. */
export const FIRST_CLIENT = 3_000_000_000

export type Seen = (client: number, from: number, to: number) => void

const REF = { gc: 0, deleted: 1, binary: 3, text: 4, format: 6, type: 7, skip: 10 } as const

let bytes: Uint8Array = new Uint8Array()
let at = 0

const varuint = (): number => {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++]
    if (byte === undefined) throw new Error('an update ends early')
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}

const skipText = (): number => {
  const length = varuint()
  at += length
  return length
}

const skipId = (): void => {
  varuint()
  varuint()
}

/** @returns length in clocks. Text is ASCII in this bench: bytes are clocks. */
const skipContent = (ref: number): number => {
  if (ref === REF.text) return skipText()
  if (ref === REF.deleted) return varuint()
  if (ref === REF.binary) skipText()
  else if (ref === REF.format) {
    skipText()
    skipText()
  } else if (ref === REF.type) {
    const kind = varuint()
    if (kind === 3 || kind === 5) skipText()
  } else throw new Error(`the bench does not know content ${ref}`)
  return 1
}

const skipStruct = (): { readonly length: number; readonly isSkip: boolean } | number => {
  const info = bytes[at++] as number
  const ref = info & 31
  if (ref === REF.gc) return varuint()
  if (ref === REF.skip) return { length: varuint(), isSkip: true }
  if ((info & 0x80) !== 0) skipId()
  if ((info & 0x40) !== 0) skipId()
  if ((info & 0xc0) === 0) {
    if (varuint() === 1) skipText()
    else skipId()
    if ((info & 0x20) !== 0) skipText()
  }
  return skipContent(ref)
}

/** Calls `seen` with each run of clocks [from, to) that the update at [start, end) brings. Throws on what is not one. */
export const readRuns = (update: Uint8Array, start: number, end: number, seen: Seen): void => {
  bytes = update
  at = start
  for (let clients = varuint(); clients > 0; clients--) {
    let structs = varuint()
    const client = varuint()
    let clock = varuint()
    let from = clock
    for (; structs > 0; structs--) {
      const struct = skipStruct()
      if (typeof struct === 'number') clock += struct
      else {
        if (clock > from) seen(client, from, clock)
        clock += struct.length
        from = clock
      }
    }
    if (clock > from) seen(client, from, clock)
  }
  if (at > end) throw new Error('an update ends early')
}

/** @returns where the number ends; the number is in `varuintAt.value`. */
export const varuintAt = Object.assign(
  (source: Uint8Array, position: number): number => {
    bytes = source
    at = position
    varuintAt.value = varuint()
    return at
  },
  { value: 0 }
)

const ROOT = 't'.charCodeAt(0)

const pushVaruint = (out: number[], value: number): void => {
  let rest = value
  while (rest > 127) {
    out.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
}

export const encodeVaruint = (value: number): readonly number[] => {
  const out: number[] = []
  pushVaruint(out, value)
  return out
}

interface Inserts {
  readonly client: number
  /** The first one's number. */
  readonly n: number
  readonly count: number
  readonly width: number
  readonly isPrepend: boolean
  /** The text's name, one ASCII character. */
  readonly root: number
}

const pushStruct = (out: number[], n: number, { client, width, isPrepend, root }: Inserts): void => {
  if (n === 0) out.push(REF.text, 1, 1, root)
  else {
    out.push(REF.text | (isPrepend ? 0x40 : 0x80))
    pushVaruint(out, client)
    pushVaruint(out, isPrepend ? (n - 1) * width : n * width - 1)
  }
  pushVaruint(out, width)
  const text = textOf(n, width)
  for (let i = 0; i < width; i++) out.push(text.charCodeAt(i))
}

/** The running number, in as many characters as the writer inserts at a time. */
export const textOf = (n: number, width: number): string => String(n).padStart(width, '.').slice(-width)

const encodeInserts = (inserts: Inserts): Uint8Array => {
  const { client, n, count, width } = inserts
  const out = [1]
  pushVaruint(out, count)
  pushVaruint(out, client)
  pushVaruint(out, n * width)
  for (let i = n; i < n + count; i++) pushStruct(out, i, inserts)
  out.push(0)
  return Uint8Array.from(out)
}

/** What Yjs writes when `client` appends `width` characters to `doc.getText('t')` for the nth time (from 0), knowing only its own. */
export const encodeAppend = (client: number, n: number, width: number): Uint8Array =>
  encodeInserts({ client, n, count: 1, width, isPrepend: false, root: ROOT })

/**
 * The same at the beginning of the text. Yjs keeps each as an item of its own, where it melts what was appended in a row:
 * so a document of many edits weighs what real ones do. Several authors need a text each: at the beginning of one they
 * would all be in conflict, which costs Yjs the square of their number.
 */
export const encodePrepends = (client: number, n: number, count: number, width: number, root = 't'): Uint8Array =>
  encodeInserts({ client, n, count, width, isPrepend: true, root: root.charCodeAt(0) })

/** An update that deletes the clocks [from, to) of a client, and brings nothing. */
export const encodeDeletion = (client: number, runs: readonly (readonly [from: number, to: number])[]): Uint8Array => {
  const out = [0, 1]
  pushVaruint(out, client)
  pushVaruint(out, runs.length)
  for (const [from, to] of runs) {
    pushVaruint(out, from)
    pushVaruint(out, to - from)
  }
  return Uint8Array.from(out)
}
