import { type ErasureProof, encodeErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, type Seq, seq } from '#core/ids.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Head, RootState, ShardRef, StoredEntry, StoreFailure, Tail } from '#server/rooms/ports.ts'
import type { Connections } from './connections.ts'
import { arrayOf, arrayOfHex, hexOf, wholeOf } from './packing.ts'
import { proofOf, type Refusal, refusalOf } from './refusals.ts'
import type { Schemas } from './schema.ts'
import type { Sweeper } from './sweeper.ts'

type Answer<Value> = Result<Value, StoreFailure>

/** As read_entries (sql-entries.ts) answers: the head first. */
interface ReadRow extends Refusal {
  readonly o_seq: number
  readonly o_hash: Uint8Array
  readonly o_digest: Uint8Array
  readonly o_bytes: Uint8Array
  readonly o_from: number | null
  readonly o_to: number
  readonly o_hash_to: Uint8Array
  readonly o_size: number
}

const tailOf = ([head, ...entries]: readonly ReadRow[]): Tail => ({
  snapshot:
    head === undefined || head.o_from === null
      ? undefined
      : { from: seq(head.o_from), to: seq(head.o_to), hashTo: head.o_hash_to, size: head.o_size },
  entries: entries.map(
    (row): StoredEntry => ({ seq: seq(row.o_seq), bytes: row.o_bytes, digest: row.o_digest, hash: row.o_hash })
  ),
  head: { seq: seq(head?.o_seq ?? 0), hash: head?.o_hash ?? EMPTY_CHAIN_HASH }
})

/** Everything of a log but appending and snapshots. Rejects with what Postgres said. */
export const createEntries = (db: Connections, { store, ledger }: Schemas, sweeper: Sweeper) => ({
  async root(root: RootId): Promise<Answer<RootState>> {
    const [row] = await db.query(
      `SELECT x.floor, x.certificate, ${store}.proof_against($1, '') AS proof
       FROM (SELECT) AS one LEFT JOIN ${store}.root AS x ON x.name = $1`,
      [root]
    )
    const { floor, certificate, proof } = row as unknown as {
      floor: number | null
      certificate: Uint8Array | null
      proof: Uint8Array | null
    }
    return ok({
      floor: floor ?? -1,
      certificate: certificate ?? undefined,
      erased: proof === null ? undefined : proofOf(proof)
    })
  },

  async adopt(root: RootId, epoch: number, given: Uint8Array): Promise<Answer<RootState>> {
    const [row] = await db.query(`SELECT * FROM ${store}.adopt_root($1, $2, $3)`, [root, epoch, given])
    const { o_proof, o_floor, o_certificate } = row as unknown as {
      o_proof: Uint8Array | null
      o_floor: number
      o_certificate: Uint8Array
    }
    if (o_proof !== null) return err(refusalOf({ o_refusal: 'erased', o_proof }))
    return ok({ floor: o_floor, certificate: o_certificate, erased: undefined })
  },

  async readAfter(ref: ShardRef, after: Seq, hashAfter: Uint8Array, limit: number): Promise<Answer<Tail>> {
    const rows = (await db.query(`SELECT * FROM ${store}.read_entries($1, $2, $3, $4, $5)`, [
      ...[ref.root, hexOf(ref.shard), after, hashAfter, wholeOf(limit)]
    ])) as unknown as readonly ReadRow[]
    const [head] = rows
    if (head === undefined) throw new Error('the store gave no answer')
    return head.o_refusal === null ? ok(tailOf(rows)) : err(refusalOf(head))
  },

  async heads(shards: readonly ShardRef[]): Promise<readonly Answer<Head>[]> {
    const rows = (await db.query(
      `SELECT h.head, h.hash, (
         SELECT e.proof FROM ${ledger}.erasure AS e WHERE e.root = q.root AND e.shard IN ('', q.shard) ORDER BY e.shard LIMIT 1
       ) AS proof
       FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS q (root, shard, n)
       LEFT JOIN ${store}.root AS r ON r.name = q.root LEFT JOIN ${store}.shard AS h ON h.root = r.id AND h.name = q.shard
       ORDER BY q.n`,
      [arrayOf(shards.map(({ root }) => root)), arrayOfHex(shards.map(({ shard }) => shard))]
    )) as unknown as readonly { head: number | null; hash: Uint8Array | null; proof: Uint8Array | null }[]
    return rows.map(({ head, hash, proof }) =>
      proof === null
        ? ok({ seq: seq(head ?? 0), hash: hash ?? EMPTY_CHAIN_HASH })
        : err(refusalOf({ o_refusal: 'erased', o_proof: proof }))
    )
  },

  async erase(proof: ErasureProof, erasedAt: number): Promise<Answer<{ readonly erasedAt: number }>> {
    const { scope } = proof
    const [row] = await db.query(`SELECT ${store}.erase_scope($1, $2, $3, $4) AS at`, [
      ...[scope.root, scope.kind === 'shard' ? hexOf(scope.shard) : ''],
      ...[encodeErasureProof(proof), erasedAt]
    ])
    // From here on it answers erased; what it held goes bit by bit, before anybody is told that it is gone.
    await sweeper.sweep()
    return ok({ erasedAt: Number(row?.at) })
  },

  async purge(before: number, graves: number): Promise<{ readonly purged: number; readonly isDone: boolean }> {
    const [row] = await db.query(`SELECT * FROM ${store}.purge_some($1, $2)`, [wholeOf(before), graves])
    return { purged: Number(row?.o_purged), isDone: Number(row?.o_graves) < graves }
  },

  async usage(limit: number): Promise<readonly { readonly root: RootId; readonly bytes: number }[]> {
    const rows = await db.query(
      `SELECT r.name, r.bytes FROM ${store}.root AS r
       WHERE NOT EXISTS (SELECT 1 FROM ${ledger}.erasure AS e WHERE e.root = r.name AND e.shard = '')
       ORDER BY r.bytes DESC, r.id LIMIT $1`,
      [limit]
    )
    return rows.map(({ name, bytes }) => ({ root: name as RootId, bytes: Number(bytes) }))
  }
})
