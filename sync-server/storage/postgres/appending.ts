import { type Seq, seq } from '#core/ids.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Appended, NewEntries, StoredEntry, StoreFailure } from '#server/rooms/ports.ts'
import type { Connections } from './connections.ts'
import { asStoreFailure, isOfContent } from './failure.ts'
import { arrayOf, arrayOfHex, hexOf, packBytes } from './packing.ts'
import { type Refusal, refusalOf } from './refusals.ts'
import type { Schemas } from './schema.ts'

type Answer = Result<Appended, StoreFailure>

const DIGEST_BYTES = 32
const HASH_BYTES = 16
const SEQ_BYTES = 8

/** As append_entries (sql-appending.ts) answers. */
type AnswerRow = readonly [
  request: number,
  ...refusal: [
    refusal: Refusal['o_refusal'],
    floor: number | null,
    certificate: Uint8Array | null,
    proof: Uint8Array | null
  ],
  seqs: readonly Seq[],
  hash: Uint8Array,
  fresh: readonly number[],
  digests: Uint8Array,
  hashes: Uint8Array
]

const appendedOf = (request: NewEntries, row: AnswerRow): Appended => {
  const [, , , , , seqs, hash, freshIndexes, digests, hashes] = row
  const fresh = freshIndexes.map(
    (index, n): StoredEntry => ({
      seq: seqs[index] ?? seq(0),
      bytes: request.entries[index] ?? new Uint8Array(),
      digest: digests.subarray(n * DIGEST_BYTES, (n + 1) * DIGEST_BYTES),
      hash: hashes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES)
    })
  )
  return { seqs, hash, fresh }
}

/** One batch, one statement, one transaction: where the connection breaks no lock stays held, and what was kept is known by its digest. */
export const createAppending = (db: Connections, { store }: Schemas, rootBytes: number) => {
  const lane = db.lane()
  const ofOne = `SELECT ${store}.append_entry($1, $2, $3, $4, $5)`
  const ofMany = `SELECT * FROM ${store}.append_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

  /** @returns undefined where it is refused: the other function tells why. */
  const appendOne = async ({ root, shard, epoch }: NewEntries, bytes: Uint8Array): Promise<Appended | undefined> => {
    const [row] = await lane.query(ofOne, [bytes, root, hexOf(shard), epoch, rootBytes])
    const packed = row?.[0] as Uint8Array | null | undefined
    if (packed === null || packed === undefined) return undefined
    const place = seq(Number(new DataView(packed.buffer, packed.byteOffset).getBigInt64(0)))
    const hash = packed.subarray(SEQ_BYTES, SEQ_BYTES + HASH_BYTES)
    const digest = packed.subarray(SEQ_BYTES + HASH_BYTES)
    return { seqs: [place], hash, fresh: digest.byteLength === 0 ? [] : [{ seq: place, bytes, digest, hash }] }
  }

  const askMany = (batch: readonly NewEntries[]): Promise<readonly (readonly unknown[])[]> => {
    const { bytes, ats, sizes } = packBytes(batch.flatMap(({ entries }) => entries))
    const ofRequest = batch.flatMap(({ entries }, index) => entries.map(() => index + 1))
    let next = 1
    const firsts = batch.map(({ entries }) => {
      next += entries.length
      return next - entries.length
    })
    return lane.query(ofMany, [
      ...[bytes, ats, sizes, arrayOf(ofRequest)],
      ...[arrayOf(batch.map(({ root }) => root)), arrayOfHex(batch.map(({ shard }) => shard))],
      ...[
        arrayOf(batch.map(({ epoch }) => epoch)),
        arrayOf(firsts),
        arrayOf(batch.map(({ entries }) => entries.length))
      ],
      rootBytes
    ])
  }

  const appendAll = async (batch: readonly NewEntries[]): Promise<readonly Answer[]> => {
    const [only] = batch
    const [entry] = only?.entries ?? []
    if (only !== undefined && entry !== undefined && batch.length === 1 && only.entries.length === 1) {
      const appended = await appendOne(only, entry)
      if (appended !== undefined) return [ok(appended)]
    }
    const rows = (await askMany(batch)) as unknown as readonly AnswerRow[]
    const answers: Answer[] = batch.map(() => err({ kind: 'store', reason: 'the store gave no answer' }))
    for (const row of rows) {
      const [request, o_refusal, o_floor, o_certificate, o_proof] = row
      const asked = batch[request - 1]
      if (asked === undefined) continue
      answers[request - 1] =
        o_refusal === null ? ok(appendedOf(asked, row)) : err(refusalOf({ o_refusal, o_floor, o_certificate, o_proof }))
    }
    return answers
  }

  const append = async (batch: readonly NewEntries[]): Promise<readonly Answer[]> => {
    try {
      return await appendAll(batch)
    } catch (cause) {
      // One that does not fit must not take its neighbours down.
      if (batch.length > 1 && isOfContent(cause)) {
        const half = batch.length >> 1
        return [...(await append(batch.slice(0, half))), ...(await append(batch.slice(half)))]
      }
      return batch.map(() => err(asStoreFailure(cause)))
    }
  }
  return append
}
