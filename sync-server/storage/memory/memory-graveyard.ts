import type { RootId } from '#core/ids.ts'
import type { DiskShard, Grave, MemoryDisk } from './memory-disk.ts'

/** Superseded rows and snapshots wait in case a snapshot proves bad; then their bytes go and (digest, hash) stay. */

export const liveBytes = ({ rows, snapshot }: DiskShard): number =>
  rows.slice(snapshot?.to ?? 0).reduce((sum, row) => sum + (row.bytes?.byteLength ?? 0), 0) +
  (snapshot?.bytes.byteLength ?? 0)

const dropGraves = (
  shard: DiskShard,
  isDue: (grave: Grave) => boolean
): { readonly shard: DiskShard; readonly purged: number } => {
  const due = shard.graves.filter(isDue)
  const upTo = Math.max(0, ...due.map((grave) => grave.upTo))
  if (upTo === 0) return { shard, purged: 0 }
  const purged = shard.rows.filter((row) => row.seq <= upTo && row.bytes !== undefined).length
  const rows = shard.rows.map((row) => (row.seq <= upTo ? { ...row, bytes: undefined } : row))
  return { shard: { ...shard, rows, graves: shard.graves.filter((grave) => !isDue(grave)) }, purged }
}

export const purgeShard = (shard: DiskShard, before: number) => dropGraves(shard, (grave) => grave.at < before)

/** A root's graveyard never holds more than `limit` bytes: the oldest go first, so that churn cannot fill the disk. */
export const trimGraveyard = (disk: MemoryDisk, rootId: RootId, limit: number): void => {
  const root = disk.roots.get(rootId)
  if (root === undefined) return
  const graves = [...root.shards.values()]
    .flatMap((shard) => shard.graves)
    .sort((a, b) => b.at - a.at || b.upTo - a.upTo)
  let held = 0
  const over = new Set<Grave>()
  for (const grave of graves) {
    held += grave.bytes
    if (held > limit) over.add(grave)
  }
  if (over.size === 0) return
  const shards = new Map(
    [...root.shards].map(([id, shard]) => [id, dropGraves(shard, (grave) => over.has(grave)).shard])
  )
  disk.roots.set(rootId, { ...root, shards })
}
