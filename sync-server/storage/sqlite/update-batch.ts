import type { NewUpdate, OpenStoreFailure, SequencedUpdate, UpdateRow } from '#server/rooms/open-ports.ts'

/**
 * How batches cross between the threads: one buffer, transferred. Cloning each update apart would cost more than storing it,
 * and a Buffer cut from Node's pool would take its whole pool along.
 */

/** A base is written, read and deleted in parts of this size, and others' requests get between. */
export const PART_BYTES = 1_000_000

/** A name is at most 255 bytes, an update at most some 64 MB. */
const HEADER_BYTES = 6

/** Each element: length of the name (2 bytes), of the update (4 bytes), then both. */
export const packBatch = (batch: readonly NewUpdate[]): Uint8Array<ArrayBuffer> => {
  let size = 0
  for (const { room, bytes } of batch) size += HEADER_BYTES + Buffer.byteLength(room) + bytes.byteLength
  const packed = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const { room, bytes } of batch) {
    const nameBytes = packed.write(room, at + HEADER_BYTES)
    packed.writeUInt16LE(nameBytes, at)
    packed.writeUInt32LE(bytes.byteLength, at + 2)
    packed.set(bytes, at + HEADER_BYTES + nameBytes)
    at += HEADER_BYTES + nameBytes + bytes.byteLength
  }
  return packed
}

export interface PackedUpdate {
  /** The room's name, a character a byte: as distinct as the bytes. */
  readonly key: string
  /** A part of the packed buffer. */
  readonly bytes: Buffer
}

export const unpackBatch = (given: Uint8Array<ArrayBuffer>): PackedUpdate[] => {
  const packed = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  const updates: PackedUpdate[] = []
  for (let at = 0; at < packed.byteLength; ) {
    const nameEnd = at + HEADER_BYTES + packed.readUInt16LE(at)
    const end = nameEnd + packed.readUInt32LE(at + 2)
    updates.push({ key: packed.toString('latin1', at + HEADER_BYTES, nameEnd), bytes: packed.subarray(nameEnd, end) })
    at = end
  }
  return updates
}

/** One number a row: its seq, or why it was not taken. */
export const ROOM_FULL = -1
export const RELAY_FULL = -2
export const STORE_FAILED = -3

export interface AppendOutcome {
  readonly seqs: readonly number[]
  /** Why the store failed, where it did. */
  readonly reason: string | undefined
}

export const outcomeFailure = (code: number, reason: string | undefined): OpenStoreFailure => {
  if (code === ROOM_FULL) return { kind: 'room-full' }
  if (code === RELAY_FULL) return { kind: 'relay-full' }
  return { kind: 'store', reason: reason ?? 'the store gave no reason' }
}

/** Rows one after the other in one buffer. */
export interface PackedRows {
  readonly seqs: readonly number[]
  readonly sizes: readonly number[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

export const packRows = (rows: readonly SequencedUpdate[]): PackedRows => {
  const bytes = new Uint8Array(rows.reduce((sum, row) => sum + row.bytes.byteLength, 0))
  let at = 0
  for (const row of rows) {
    bytes.set(row.bytes, at)
    at += row.bytes.byteLength
  }
  return { seqs: rows.map(({ seq }) => seq), sizes: rows.map((row) => row.bytes.byteLength), bytes }
}

/** Each row owns its memory: whoever keeps one keeps no other alive. */
export const unpackRows = ({ seqs, sizes, bytes }: PackedRows, mark: number): UpdateRow[] => {
  let at = 0
  return seqs.map((seq, index) => {
    const from = at
    at += sizes[index] ?? 0
    return { seq, mark, bytes: bytes.slice(from, at) }
  })
}
