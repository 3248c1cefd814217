import type Database from 'better-sqlite3'
import { hexToBytes } from '#core/bytes.ts'
import { type ErasureProof, encodeErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'

/** The statements, prepared once, and the shapes of their rows. */

export interface RootRow {
  readonly id: number
  readonly floor: number
  readonly certificate: Uint8Array
  readonly bytes: number
}

export interface ShardRow {
  readonly id: number
  readonly head: number
  readonly hash: Uint8Array
  readonly snapshot_from: number
  readonly snapshot_to: number
  readonly snapshot_size: number
}

/** A shard that does not exist: reads as empty. Row ids begin at 1. */
export const NO_SHARD: ShardRow = {
  id: 0,
  head: 0,
  hash: EMPTY_CHAIN_HASH,
  snapshot_from: 0,
  snapshot_to: 0,
  snapshot_size: 0
}

export interface EntryRow {
  readonly seq: number
  readonly digest: Uint8Array
  readonly hash: Uint8Array
  readonly bytes: Uint8Array | null
}

interface ErasureRow {
  readonly proof: Uint8Array
  readonly at: number
}

interface NewEntryRow {
  readonly seq: number
  readonly digest: Uint8Array
  readonly hash: Uint8Array
  readonly bytes: Uint8Array
}

const WHOLE_ROOT = new Uint8Array()
const scopeBytes = (shard: ShardId | undefined): Uint8Array => (shard === undefined ? WHOLE_ROOT : hexToBytes(shard))

const SHARD_COLUMNS = 'id, head, hash, snapshot_from, snapshot_to, snapshot_size'

export const createRows = (db: Database.Database) => {
  const root = db.prepare<[string], RootRow>('SELECT id, floor, certificate, bytes FROM root WHERE name = ?')
  const raiseFloor = db.prepare(
    `INSERT INTO root (name, floor, certificate) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET floor = excluded.floor, certificate = excluded.certificate`
  )
  const addBytes = db.prepare('UPDATE root SET bytes = bytes + ? WHERE id = ?')
  const dropRoot = db.prepare('DELETE FROM root WHERE id = ?')
  const shard = db.prepare<[number, Uint8Array], ShardRow>(
    `SELECT ${SHARD_COLUMNS} FROM shard WHERE root = ? AND name = ?`
  )
  const shards = db.prepare<[number], ShardRow>(`SELECT ${SHARD_COLUMNS} FROM shard WHERE root = ?`)
  const addShard = db.prepare('INSERT INTO shard (root, name, hash) VALUES (?, ?, ?)')
  const moveHead = db.prepare('UPDATE shard SET head = ?, hash = ? WHERE id = ?')
  const setSnapshot = db.prepare('UPDATE shard SET snapshot_from = ?, snapshot_to = ?, snapshot_size = ? WHERE id = ?')
  const seqOf = db.prepare<[number, Uint8Array], { seq: number }>(
    'SELECT seq FROM entry WHERE shard = ? AND digest = ?'
  )
  const link = db.prepare<[number, number], { hash: Uint8Array }>('SELECT hash FROM entry WHERE shard = ? AND seq = ?')
  const entriesAfter = db.prepare<[number, number], EntryRow>(
    'SELECT seq, digest, hash, bytes FROM entry WHERE shard = ? AND seq > ? ORDER BY seq'
  )
  const addEntry = db.prepare(
    `INSERT INTO entry (shard, seq, digest, hash, bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (shard, digest) DO NOTHING`
  )
  const bytesBetween = db.prepare<[number, number, number], { bytes: number }>(
    'SELECT coalesce(sum(length(bytes)), 0) AS bytes FROM entry WHERE shard = ? AND seq > ? AND seq <= ?'
  )
  const part = db.prepare<[number, number, number], { bytes: Uint8Array }>(
    'SELECT bytes FROM snapshot_part WHERE shard = ? AND upto = ? AND part = ?'
  )
  const addPart = db.prepare('INSERT INTO snapshot_part (shard, upto, part, bytes) VALUES (?, ?, ?, ?)')
  const erasure = db.prepare<[string, Uint8Array], ErasureRow>(
    'SELECT proof, at FROM erasure WHERE root = ? AND shard = ?'
  )
  const addErasure = db.prepare('INSERT OR IGNORE INTO erasure (root, shard, proof, at) VALUES (?, ?, ?, ?)')
  const usage = db.prepare<[number], { root: RootId; bytes: number }>(
    'SELECT name AS root, bytes FROM root ORDER BY bytes DESC LIMIT ?'
  )
  const dropped = ['entry WHERE shard', 'snapshot_part WHERE shard', 'grave WHERE shard', 'shard WHERE id'].map(
    (from) => db.prepare(`DELETE FROM ${from} = ?`)
  )

  return {
    root: (name: RootId) => root.get(name),
    raiseFloor: (name: RootId, floor: number, certificate: Uint8Array) => raiseFloor.run(name, floor, certificate),
    addBytes: (id: number, bytes: number) => addBytes.run(bytes, id),
    dropRoot: (id: number) => dropRoot.run(id),
    shard: (of: number, name: Uint8Array) => shard.get(of, name),
    shards: (of: number) => shards.all(of),
    addShard: (of: number, name: Uint8Array) => Number(addShard.run(of, name, EMPTY_CHAIN_HASH).lastInsertRowid),
    dropShard(id: number): void {
      for (const statement of dropped) statement.run(id)
    },
    moveHead: (id: number, to: number, hash: Uint8Array) => moveHead.run(to, hash, id),
    setSnapshot: (id: number, from: Seq, to: Seq, size: number) => setSnapshot.run(from, to, size, id),
    seqOf: (id: number, digest: Uint8Array) => seqOf.get(id, digest)?.seq,
    link: (id: number, at: number) => link.get(id, at),
    entriesAfter: (id: number, after: number) => entriesAfter.iterate(id, after),
    /** @returns false where the shard has it already. */
    addEntry: (id: number, entry: NewEntryRow): boolean =>
      addEntry.run(id, entry.seq, entry.digest, entry.hash, entry.bytes).changes === 1,
    bytesBetween: (id: number, after: number, upTo: number) => bytesBetween.get(id, after, upTo)?.bytes ?? 0,
    part: (id: number, to: number, index: number) => part.get(id, to, index)?.bytes,
    addPart: (id: number, to: number, index: number, bytes: Uint8Array) => addPart.run(id, to, index, bytes),
    erasure: (name: RootId, of?: ShardId) => erasure.get(name, scopeBytes(of)),
    addErasure: (proof: ErasureProof, at: number) =>
      addErasure.run(
        proof.scope.root,
        scopeBytes(proof.scope.kind === 'shard' ? proof.scope.shard : undefined),
        encodeErasureProof(proof),
        at
      ),
    usage: (limit: number) => usage.all(limit)
  }
}
export type Rows = ReturnType<typeof createRows>
