import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { RootId } from '#core/ids.ts'
import type { PackedPush } from './entry-batch.ts'
import { NO_SHARD, type RootRow, type Rows } from './rows.ts'

/** What an append needs to know of a shard and its root, kept so that it asks the database nothing. */
export interface KnownShard {
  readonly root: KnownRoot
  /** 0 until its first entry. */
  id: number
  head: number
  /** At the head; owns its memory. */
  readonly hash: Uint8Array
}

export interface KnownRoot {
  readonly id: number
  readonly floor: number
  bytes: number
  /** None of them, and not the root, is erased. By the id, a character a byte. */
  readonly shards: Map<string, KnownShard>
}

/** About 400 bytes each. */
const MAX_SHARDS = 5_000

export const createRootCache = (rows: Rows) => {
  const roots = new Map<RootId, KnownRoot>()
  let count = 0

  const forget = (root: RootId): void => {
    count -= roots.get(root)?.shards.size ?? 0
    roots.delete(root)
  }

  const makeRoom = (): void => {
    if (count < MAX_SHARDS) return
    const [oldest] = roots.keys()
    if (oldest !== undefined) forget(oldest)
  }

  return {
    find: ({ root, key }: PackedPush): KnownShard | undefined => roots.get(root)?.shards.get(key),
    /** @param row of its root; neither that nor the shard is erased */
    add({ root, key, shardBytes }: PackedPush, row: RootRow): KnownShard {
      makeRoom()
      const known = roots.get(root) ?? { id: row.id, floor: row.floor, bytes: row.bytes, shards: new Map() }
      roots.set(root, known)
      const { id, head, hash } = rows.shard(row.id, shardBytes) ?? NO_SHARD
      const shard = { root: known, id, head, hash: new Uint8Array(id === 0 ? EMPTY_CHAIN_HASH : hash) }
      known.shards.set(key, shard)
      count++
      return shard
    },
    /** What is known of it is about to change. */
    forget,
    /** Some of what is known was rolled back. */
    clear(): void {
      roots.clear()
      count = 0
    }
  }
}
export type RootCache = ReturnType<typeof createRootCache>
