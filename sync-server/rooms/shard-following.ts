import { bytesEqual } from '#core/bytes.ts'
import { nextChainHash, type Sha256 } from '#core/chain.ts'
import type { PassedEntry } from '#server/protocol/state.ts'
import type { EntryLog, Head, ShardRef } from './ports.ts'

/**
 * Entries that other relays of the store appended are read once for all who listen to a shard here, from where these were last told. Where
 * that is not known, or no longer leads on, each reads for itself.
 */
export interface ShardFollowing {
  /** The store holds entries up to `seq`: a hint or a poll says so. */
  follow(shard: FollowedShard, seq: number): void
  /** Somebody has read the shard up to here for itself. */
  stood(shard: FollowedShard, head: Head): void
  /** This relay's own entries are durable. @returns whether they follow what was told without a gap; else they are read with the others'. */
  takesOwn(shard: FollowedShard, entries: readonly PassedEntry[]): boolean
}

/** How far those who listen to a shard were told. */
export interface FollowedShard extends ShardRef {
  /** undefined: not known. */
  at: Head | undefined
  /** What the store is known to hold. */
  target: number
  isReading: boolean
}

export interface ShardFollowingOptions {
  readonly log: EntryLog
  readonly sha256: Sha256
  readonly pageBytes: number
  readonly isHalted: () => boolean
  readonly tell: (shard: ShardRef, entries: readonly PassedEntry[]) => void
  /** Each reads for itself. */
  readonly hint: (shard: ShardRef, seq: number) => void
  readonly onFailed: (reason: string) => void
}

export const createShardFollowing = (options: ShardFollowingOptions): ShardFollowing => {
  const { log, sha256, pageBytes, isHalted, tell, hint, onFailed } = options

  const leadsOn = ({ root, shard }: ShardRef, at: Head, next: PassedEntry): boolean =>
    bytesEqual(nextChainHash(sha256, { root, shard, seq: next.seq }, at.hash, next.digest), next.hash)

  const leaveToEach = (shard: FollowedShard): void => {
    shard.at = undefined
    hint(shard, shard.target)
  }

  const stood = (shard: FollowedShard, head: Head): void => {
    shard.target = Math.max(shard.target, head.seq)
    leaveToEach(shard)
    shard.at = head
  }

  /** Where the store stands now is where those who read for themselves from now on come to. */
  const begin = async (shard: FollowedShard): Promise<void> => {
    const head = await log.head(shard)
    if (isHalted()) return
    if (head.ok) stood(shard, head.value)
    else leaveToEach(shard)
  }

  /** @returns whether there is more to read. */
  const readPage = async (shard: FollowedShard, at: Head): Promise<boolean> => {
    const { target } = shard
    const tail = await log.readAfter(shard, at.seq, at.hash, pageBytes)
    if (isHalted()) return false
    // This relay's own entries came in between.
    if (shard.at !== at) return shard.at === undefined || shard.at.seq < shard.target
    const last = tail.ok ? tail.value.entries.at(-1) : undefined
    if (!tail.ok || tail.value.snapshot !== undefined || last === undefined) {
      if (!tail.ok || tail.value.head.seq > at.seq) leaveToEach(shard)
      // What a hint spoke of before this reading began is not there any more.
      else if (shard.target === target) shard.target = at.seq
      return false
    }
    shard.at = { seq: last.seq, hash: last.hash }
    tell(shard, tail.value.entries)
    return last.seq < Math.max(shard.target, tail.value.head.seq)
  }

  const run = async (shard: FollowedShard): Promise<void> => {
    shard.isReading = true
    try {
      for (let more = true; more && !isHalted(); ) {
        const { at } = shard
        if (at === undefined) await begin(shard)
        more = at !== undefined && (await readPage(shard, at))
      }
    } catch (cause) {
      if (isHalted()) return
      onFailed(String(cause))
      leaveToEach(shard)
    }
    shard.isReading = false
    if (shard.at !== undefined && shard.at.seq < shard.target && !isHalted()) void run(shard)
  }

  const follow = (shard: FollowedShard, seq: number): void => {
    shard.target = Math.max(shard.target, seq)
    if (shard.isReading || (shard.at !== undefined && shard.at.seq >= shard.target)) return
    void run(shard)
  }

  return {
    follow,
    stood(shard, head) {
      if (shard.at === undefined && !shard.isReading) stood(shard, head)
    },
    takesOwn(shard, entries) {
      const [first, last] = [entries[0], entries.at(-1)]
      if (first === undefined || last === undefined) return true
      const { at } = shard
      const isNext = at === undefined || first.seq === at.seq + 1
      if (at !== undefined && isNext && !leadsOn(shard, at, first)) {
        // The store went back and grew again: each finds by its own chain that what it was told is of another history.
        shard.target = Math.max(shard.target, last.seq)
        leaveToEach(shard)
        return false
      }
      if (isNext) {
        shard.at = { seq: last.seq, hash: last.hash }
        return true
      }
      follow(shard, last.seq)
      return false
    }
  }
}
