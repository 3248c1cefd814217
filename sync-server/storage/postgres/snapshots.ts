import type { Seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Head, ShardRef, StoredSnapshot, StoreFailure } from '#server/rooms/ports.ts'
import type { Connections } from './connections.ts'
import { hexOf } from './packing.ts'
import { type Refusal, refusalOf } from './refusals.ts'
import type { Schemas } from './schema.ts'

type Answer<Value> = Result<Value, StoreFailure>

/** Chunks sent in one statement. */
const CHUNKS = 4

/** Snapshots come in parts beside the one that counts, and take its place in one small transaction: appends do not wait for 64 MB. */
export const createSnapshots = (db: Connections, { store }: Schemas, rootBytes: number, now: () => number) => {
  const addParts = async (id: number, bytes: Uint8Array): Promise<void> => {
    const size = CHUNKS * SNAPSHOT_CHUNK_BYTES
    for (let from = 0; from < bytes.byteLength; from += size) {
      const some = bytes.subarray(from, from + size)
      await db.query(
        `INSERT INTO ${store}.snapshot_part (snapshot, part, bytes)
         SELECT $1, $2::integer + g.n, substring($3::bytea FROM g.n * $4::integer + 1 FOR $4::integer) FROM generate_series(0, $5::integer) AS g (n)`,
        [
          ...[id, from / SNAPSHOT_CHUNK_BYTES, some, SNAPSHOT_CHUNK_BYTES],
          Math.ceil(some.byteLength / SNAPSHOT_CHUNK_BYTES) - 1
        ]
      )
    }
  }

  const swap = async (ref: ShardRef, epoch: number, next: StoredSnapshot): Promise<Answer<Head>> => {
    const size = next.bytes.byteLength
    const [begun] = await db.query(`SELECT * FROM ${store}.begin_snapshot($1, $2, $3, $4, $5, $6, $7)`, [
      ...[ref.root, hexOf(ref.shard), epoch, next.to, next.hashTo, size, rootBytes]
    ])
    const begin = begun as unknown as Refusal & { readonly o_snapshot: number }
    if (begin.o_refusal !== null) return err(refusalOf(begin))
    const id = begin.o_snapshot
    let isSwapped = false
    try {
      await addParts(id, next.bytes)
      const [swapped] = await db.query(
        `SELECT * FROM ${store}.swap_snapshot($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [...[ref.root, hexOf(ref.shard), epoch, next.from, next.to, next.hashTo, size, rootBytes, id, now()]]
      )
      const refusal = swapped as unknown as Refusal
      if (refusal.o_refusal !== null) return err(refusalOf(refusal))
      isSwapped = true
      return ok({ seq: next.to, hash: Uint8Array.from(next.hashTo) })
    } finally {
      // Not where the answer was lost: it may count by now. What is left behind is found by its age.
      if (!isSwapped) {
        await db.query(`DELETE FROM ${store}.snapshot AS x WHERE x.id = $1 AND NOT x.is_kept`, [id]).catch(() => {})
      }
    }
  }

  const read = async (ref: ShardRef, to: Seq, index: number): Promise<Answer<Uint8Array | undefined>> => {
    const [row] = await db.query(
      `SELECT ${store}.proof_against($1, $2) AS o_proof, (
         SELECT p.bytes FROM ${store}.root AS r JOIN ${store}.shard AS h ON h.root = r.id JOIN ${store}.snapshot AS x ON x.shard = h.id
           JOIN ${store}.snapshot_part AS p ON p.snapshot = x.id
         WHERE r.name = $1 AND h.name = $2 AND x.upto = $3 AND x.is_kept AND p.part = $4
       ) AS bytes`,
      [ref.root, hexOf(ref.shard), to, index]
    )
    const { o_proof, bytes } = row as unknown as { o_proof: Uint8Array | null; bytes: Uint8Array | null }
    return o_proof === null ? ok(bytes ?? undefined) : err(refusalOf({ o_refusal: 'erased', o_proof }))
  }

  return { swap, read }
}
