import type Database from 'better-sqlite3'

/** Superseded entries and snapshots wait in case a snapshot proves bad; then their bytes go and (digest, hash) stay. */

interface Grave {
  readonly root: number
  readonly shard: number
  readonly at: number
  readonly upto: number
  /** End of the superseded snapshot, 0 = none. */
  readonly snapshot_to: number
  readonly bytes: number
}

type DueGrave = Pick<Grave, 'shard' | 'upto' | 'snapshot_to'> & { readonly id: number }

/** Graves opened in one transaction: a long purge must not hold up commits. */
const GRAVES_PER_PURGE = 200

export const createGraveyard = (db: Database.Database) => {
  const bury = db.prepare<Grave>(
    'INSERT INTO grave (root, shard, at, upto, snapshot_to, bytes) VALUES (@root, @shard, @at, @upto, @snapshot_to, @bytes)'
  )
  const due = db.prepare<[number, number], DueGrave>(
    'SELECT id, shard, upto, snapshot_to FROM grave WHERE at < ? ORDER BY id LIMIT ?'
  )
  const newestFirst = db.prepare<[number], DueGrave & { readonly bytes: number }>(
    'SELECT id, shard, upto, snapshot_to, bytes FROM grave WHERE root = ? ORDER BY id DESC'
  )
  // What lies before the superseded snapshot belongs to an older grave.
  const purgeEntries = db.prepare(
    'UPDATE entry SET bytes = NULL WHERE shard = ? AND seq > ? AND seq <= ? AND bytes IS NOT NULL'
  )
  const purgeSnapshot = db.prepare('DELETE FROM snapshot_part WHERE shard = ? AND upto = ?')
  const forget = db.prepare('DELETE FROM grave WHERE id = ?')

  const open = ({ id, shard, upto, snapshot_to }: DueGrave): number => {
    const purged = purgeEntries.run(shard, snapshot_to, upto).changes
    if (snapshot_to > 0) purgeSnapshot.run(shard, snapshot_to)
    forget.run(id)
    return purged
  }

  const purge = db.transaction((before: number): { readonly purged: number; readonly graves: number } => {
    const graves = due.all(before, GRAVES_PER_PURGE)
    return { purged: graves.reduce((sum, grave) => sum + open(grave), 0), graves: graves.length }
  })

  return {
    bury: (grave: Grave) => bury.run(grave),
    /** A root's graveyard holds at most `limit` bytes; the oldest go first. */
    trim(root: number, limit: number): void {
      let held = 0
      for (const grave of newestFirst.all(root)) {
        held += grave.bytes
        if (held > limit) open(grave)
      }
    },
    /** One batch; the caller comes again until `isDone`, so that commits get between. */
    purge(before: number): { readonly purged: number; readonly isDone: boolean } {
      const { purged, graves } = purge.immediate(before)
      return { purged, isDone: graves < GRAVES_PER_PURGE }
    }
  }
}
