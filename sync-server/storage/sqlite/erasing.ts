import type Database from 'better-sqlite3'
import type { ErasureProof } from '#core/certificate.ts'
import { ok, type Result } from '#core/result.ts'
import type { StoreFailure } from '#server/rooms/ports.ts'
import type { Ledger, LedgerLine } from './ledger.ts'
import type { Rows } from './rows.ts'
import type { Shards } from './shards.ts'

export interface ErasingParts {
  readonly db: Database.Database
  readonly rows: Rows
  readonly shards: Shards
  readonly ledger: Ledger
  readonly ledgerLines: readonly LedgerLine[]
}

/** Erases a root or a shard. What the ledger names is erased at once: an older copy of the database may have brought it back. */
export const createErasing = ({ db, rows, shards: { shardOf }, ledger, ledgerLines }: ErasingParts) => {
  const deleteScope = db.transaction((proof: ErasureProof, erasedAt: number): void => {
    const { scope } = proof
    const shard = scope.kind === 'shard' ? scope.shard : undefined
    const root = rows.root(scope.root)
    if (root !== undefined) {
      for (const each of shard === undefined ? rows.shards(root.id) : [shardOf(root, shard)]) {
        if (each.id === 0) continue
        const live = rows.bytesBetween(each.id, each.snapshot_to, each.head) + each.snapshot_size
        rows.addBytes(root.id, -live)
        rows.dropShard(each.id)
      }
      if (shard === undefined) rows.dropRoot(root.id)
    }
    rows.addErasure(proof, erasedAt)
  })

  for (const { proof, erasedAt } of ledgerLines) {
    const shard = proof.scope.kind === 'shard' ? proof.scope.shard : undefined
    if (rows.erasure(proof.scope.root, shard) === undefined) deleteScope.immediate(proof, erasedAt)
  }

  return (proof: ErasureProof, erasedAt: number): Result<{ readonly erasedAt: number }, StoreFailure> => {
    const { scope } = proof
    const done =
      rows.erasure(scope.root) ?? (scope.kind === 'shard' ? rows.erasure(scope.root, scope.shard) : undefined)
    if (done !== undefined) return ok({ erasedAt: done.at })
    // The ledger first: from here on no crash and no older copy of the database brings it back.
    ledger.append(proof, erasedAt)
    deleteScope.immediate(proof, erasedAt)
    // The log before the database's own pages still holds what was deleted.
    db.pragma('wal_checkpoint(TRUNCATE)')
    return ok({ erasedAt })
  }
}
