import type { Result } from '#core/result.ts'
import type { PassedPart } from '#server/protocol/state.ts'
import type { EntryLog, ShardRef, StoreFailure } from './ports.ts'

type Read = Promise<Result<PassedPart | undefined, StoreFailure>>

/** Parts of snapshots, read once for all who load a shard at the same time. */
export interface SnapshotParts {
  read(ref: ShardRef, to: Parameters<EntryLog['readSnapshot']>[1], index: number): Read
  /** Lets go of all of them: once a second, and when something was erased. */
  clear(): void
}

/** A part has at most 256,000 bytes, and so has a message made of it. */
const MOST_PARTS = 32

export const createSnapshotParts = (log: Pick<EntryLog, 'readSnapshot'>): SnapshotParts => {
  const parts = new Map<string, Read>()

  const readAnew = async (ref: ShardRef, to: Parameters<SnapshotParts['read']>[1], index: number) => {
    const part = await log.readSnapshot(ref, to, index)
    return part.ok ? { ok: true as const, value: part.value && { bytes: part.value, messages: new Map() } } : part
  }

  return {
    read(ref, to, index) {
      const name = `${ref.root}/${ref.shard}/${to}/${index}`
      const known = parts.get(name)
      if (known !== undefined) return known
      const read = readAnew(ref, to, index)
      if (parts.size < MOST_PARTS) {
        parts.set(name, read)
        // One that failed, or is no longer there, is asked for again by the next.
        const forget = (): void => {
          if (parts.get(name) === read) parts.delete(name)
        }
        read.then((part) => {
          if (!part.ok || part.value === undefined) forget()
        }, forget)
      }
      return read
    },
    clear: () => parts.clear()
  }
}
