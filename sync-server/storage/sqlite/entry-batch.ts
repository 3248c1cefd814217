import { ROOT_ID_LENGTH, type RootId, SHARD_ID_BYTES, type ShardId, seq } from '#core/ids.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Appended, NewEntries, StoredEntry, StoreFailure } from '#server/rooms/ports.ts'

/** How pushes and their answers cross between the threads: one buffer each way, transferred, as updates of open rooms do. */

const PLACE_BYTES = ROOT_ID_LENGTH + SHARD_ID_BYTES
/** Epoch (8 bytes), count of entries (4 bytes). */
const HEADER_BYTES = PLACE_BYTES + 12
const SIZE_BYTES = 4

/** Each push: root id, shard id, epoch, count, then each entry behind its size. */
export const packPushes = (pushes: readonly NewEntries[]): Uint8Array<ArrayBuffer> => {
  let size = 0
  for (const { entries } of pushes) {
    size += HEADER_BYTES + entries.length * SIZE_BYTES
    for (const entry of entries) size += entry.byteLength
  }
  const packed = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const { root, shard, epoch, entries } of pushes) {
    packed.write(root, at, 'latin1')
    packed.write(shard, at + ROOT_ID_LENGTH, 'hex')
    packed.writeDoubleLE(epoch, at + PLACE_BYTES)
    packed.writeUInt32LE(entries.length, at + PLACE_BYTES + 8)
    at += HEADER_BYTES
    for (const entry of entries) {
      packed.writeUInt32LE(entry.byteLength, at)
      packed.set(entry, at + SIZE_BYTES)
      at += SIZE_BYTES + entry.byteLength
    }
  }
  return packed
}

/** A push as the store's thread has it; byte arrays are parts of the packed buffer. */
export interface PackedPush {
  readonly root: RootId
  /** The shard id, a character a byte. */
  readonly key: string
  /** ASCII. */
  readonly rootBytes: Buffer
  readonly shardBytes: Buffer
  readonly epoch: number
  readonly entries: readonly Buffer[]
  /** Bytes of all entries. */
  readonly size: number
}

export const unpackPushes = (given: Uint8Array<ArrayBuffer>): PackedPush[] => {
  const packed = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  const pushes: PackedPush[] = []
  for (let at = 0; at < packed.byteLength; ) {
    const [shardAt, epochAt] = [at + ROOT_ID_LENGTH, at + PLACE_BYTES]
    const entries: Buffer[] = []
    let size = 0
    let end = at + HEADER_BYTES
    for (let left = packed.readUInt32LE(epochAt + 8); left > 0; left--) {
      const from = end + SIZE_BYTES
      const bytes = packed.readUInt32LE(end)
      entries.push(packed.subarray(from, from + bytes))
      size += bytes
      end = from + bytes
    }
    pushes.push({
      root: packed.toString('latin1', at, shardAt) as RootId,
      key: packed.toString('latin1', shardAt, epochAt),
      rootBytes: packed.subarray(at, shardAt),
      shardBytes: packed.subarray(shardAt, epochAt),
      epoch: packed.readDoubleLE(epochAt),
      entries,
      size
    })
    at = end
  }
  return pushes
}

export const shardIdOf = ({ shardBytes }: PackedPush): ShardId => shardBytes.toString('hex') as ShardId

/** A push that was taken: 1, the chain hash at the highest seq named, then each entry; one that was refused: 0. */
const TAKEN_BYTES = 1 + 16
/** Its seq (8 bytes) and whether it is new; a new one's digest and chain hash follow. */
const KNOWN_BYTES = 8 + 1
const DIGEST_BYTES = 32
const HASH_BYTES = 16
const FRESH_BYTES = KNOWN_BYTES + DIGEST_BYTES + HASH_BYTES

export interface PackedAnswer {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Why, of each push that was refused, in order. */
  readonly failures: readonly StoreFailure[]
}

/** An answer in the making: a push is begun, its entries are written, then it is ended or refused. */
export const createAnswer = (pushes: readonly PackedPush[]) => {
  const size = pushes.reduce((sum, { entries }) => sum + TAKEN_BYTES + entries.length * FRESH_BYTES, 0)
  const bytes = Buffer.allocUnsafeSlow(size)
  const failures: StoreFailure[] = []
  let at = 0
  let begunAt = 0
  return {
    begin(): void {
      begunAt = at
      bytes[at] = 1
      at += TAKEN_BYTES
    },
    /** Where a new entry's digest and chain hash are written. */
    digest: (): Buffer => bytes.subarray(at + KNOWN_BYTES, at + KNOWN_BYTES + DIGEST_BYTES),
    hash: (): Buffer => bytes.subarray(at + KNOWN_BYTES + DIGEST_BYTES, at + FRESH_BYTES),
    fresh(place: number): void {
      bytes.writeDoubleLE(place, at)
      bytes[at + 8] = 1
      at += FRESH_BYTES
    },
    known(place: number): void {
      bytes.writeDoubleLE(place, at)
      bytes[at + 8] = 0
      at += KNOWN_BYTES
    },
    end(hash: Uint8Array): void {
      bytes.set(hash, begunAt + 1)
    },
    refuse(failure: StoreFailure): void {
      bytes[at++] = 0
      failures.push(failure)
    },
    /** Everything there is to tell. */
    done: (): PackedAnswer => ({ bytes: bytes.subarray(0, at), failures })
  }
}
export type Answer = ReturnType<typeof createAnswer>

export const joinAnswers = (answers: readonly PackedAnswer[]): PackedAnswer => ({
  bytes: Buffer.concat(answers.map(({ bytes }) => bytes)),
  failures: answers.flatMap(({ failures }) => failures)
})

/** In the order of the pushes. Digests stay parts of the answer; a hash is kept long after and owns its memory. */
export const unpackAnswer = (
  pushes: readonly NewEntries[],
  { bytes, failures }: PackedAnswer
): readonly Result<Appended, StoreFailure>[] => {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let refused = 0
  const hashAt = (place: number): Uint8Array => {
    const hash = new Uint8Array(HASH_BYTES)
    for (let i = 0; i < HASH_BYTES; i++) hash[i] = packed[place + i] as number
    return hash
  }
  return pushes.map(({ entries }): Result<Appended, StoreFailure> => {
    if (packed[at++] === 0) return err(failures[refused++] ?? { kind: 'store', reason: 'the store gave no reason' })
    const topAt = at
    at += HASH_BYTES
    const fresh: StoredEntry[] = []
    const seqs = entries.map((entry) => {
      const place = seq(packed.readDoubleLE(at))
      const isFresh = packed[at + 8] === 1
      at += KNOWN_BYTES
      if (!isFresh) return place
      const digest = new Uint8Array(bytes.buffer, bytes.byteOffset + at, DIGEST_BYTES)
      at += DIGEST_BYTES
      fresh.push({ seq: place, bytes: entry, digest, hash: hashAt(at) })
      at += HASH_BYTES
      return place
    })
    // Mostly the newest is the highest: then there is one hash to keep, not two.
    const last = fresh.at(-1)
    const isTop = last !== undefined && seqs.every((place) => place <= last.seq)
    return ok({ seqs, hash: isTop ? last.hash : hashAt(topAt), fresh })
  })
}
