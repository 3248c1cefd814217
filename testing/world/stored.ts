import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import type { EraseScope } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { DeviceId, RootId, Seq, ShardId } from '#core/ids.ts'
import type { EntryLog, StoredEntry } from '#server/rooms/ports.ts'
import type { MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import type { Fail } from './counts.ts'
import type { Committed } from './disk.ts'
import type { Registry, Sealing } from './registry.ts'

/** What is durable at the relay now, kept beside its store from the answers it gave, and judged as it grows. */

export interface Stored {
  committed(change: Committed): void
  /** Another disk was put in place. */
  replaced(disk: MemoryDisk): void
  seqOf(shard: ShardId, digest: Uint8Array): Seq | undefined
  hashAt(shard: ShardId, seq: Seq): Uint8Array | undefined
  snapshotTo(shard: ShardId): Seq
  isErased(scope: EraseScope): boolean
  /** Whether it was durable at any time, on any disk this relay had. */
  wasEver(digest: Uint8Array): boolean
  /** Rises with each change: what was computed from the disk before is out of date. */
  version(): number
}

interface Shelf {
  readonly root: RootId
  readonly seqByDigest: Map<string, Seq>
  readonly hashes: Uint8Array[]
  readonly innerByCounter: Map<string, string>
  snapshotTo: Seq
}

export const createStored = (options: {
  readonly registry: Registry
  /** Devices whose profile was copied write two lines with one key until one of them finds out. */
  readonly cloned: (device: DeviceId) => boolean
  readonly fail: Fail
}): Stored => {
  const { registry, cloned, fail } = options
  let shelves = new Map<ShardId, Shelf>()
  let erased: EraseScope[] = []
  let version = 0
  const ever = new Set<string>()

  const shelfOf = (root: RootId, shard: ShardId): Shelf => {
    const known = shelves.get(shard)
    if (known) return known
    const shelf: Shelf = {
      root,
      seqByDigest: new Map(),
      hashes: [EMPTY_CHAIN_HASH],
      innerByCounter: new Map(),
      snapshotTo: 0 as Seq
    }
    shelves.set(shard, shelf)
    return shelf
  }

  const judge = (shelf: Shelf, sealing: Sealing): void => {
    const place = `${sealing.device}/${sealing.counter}`
    const before = shelf.innerByCounter.get(place)
    // Clones may seal the same rows to the same inner entry: devices drop it silently.
    if (before !== undefined && !cloned(sealing.device)) {
      const what = before === sealing.innerHash ? 'the same content twice' : 'two contents'
      fail('WO4', `device and counter ${place} of ${sealing.author} are stored with ${what}`)
    }
    shelf.innerByCounter.set(place, sealing.innerHash)
  }

  const isErased = (scope: EraseScope): boolean =>
    erased.some(
      (past) =>
        past.root === scope.root && (past.kind === 'root' || (scope.kind === 'shard' && past.shard === scope.shard))
    )

  const appended = (root: RootId, shard: ShardId, fresh: readonly Omit<StoredEntry, 'bytes'>[]): void => {
    const shelf = shelfOf(root, shard)
    for (const { seq, digest, hash } of fresh) {
      const name = bytesToHex(digest)
      if (shelf.seqByDigest.has(name))
        fail('WO4', `the same bytes are stored twice, at ${shelf.seqByDigest.get(name)} and ${seq}`)
      if (seq !== shelf.hashes.length) fail('WO4', `seq ${seq} follows ${shelf.hashes.length - 1}`)
      shelf.seqByDigest.set(name, seq)
      shelf.hashes.push(hash)
      ever.add(name)
      const sealing = registry.find(digest)
      if (sealing) judge(shelf, sealing)
      else fail('WO4', 'the relay holds an entry that no device sealed')
    }
  }

  const erase = (scope: EraseScope): void => {
    erased = [...erased, scope]
    for (const [shard, shelf] of shelves) {
      if (shelf.root === scope.root && (scope.kind === 'root' || scope.shard === shard)) shelves.delete(shard)
    }
  }

  const snapped = ([ref, , snapshot]: Parameters<EntryLog['snapshot']>): void => {
    const shelf = shelfOf(ref.root, ref.shard)
    const hash = shelf.hashes[snapshot.to]
    if (!hash || !bytesEqual(hash, snapshot.hashTo))
      fail('WO1', `a snapshot of another history was taken at ${snapshot.to}`)
    if (snapshot.to <= shelf.snapshotTo) fail('WO1', `an older snapshot replaced the one at ${shelf.snapshotTo}`)
    shelf.snapshotTo = snapshot.to
  }

  return {
    committed: (change) => {
      version++
      if (change.step === 'append') {
        change.asked[0].forEach(({ root, shard }, i) => {
          const answer = change.answer[i]
          if (!answer?.ok || answer.value.fresh.length === 0) return
          if (isErased({ kind: 'shard', root, shard })) fail('WO3', 'the relay took entries for what was erased')
          appended(root, shard, answer.value.fresh)
        })
      } else if (change.step === 'erase' && change.answer.ok) erase(change.asked[0].scope)
      else if (change.step === 'snapshot' && change.answer.ok) snapped(change.asked)
    },
    replaced: (disk) => {
      version++
      shelves = new Map()
      erased = [...disk.erasures.values()].map(({ proof }) => proof.scope)
      for (const [root, { shards }] of disk.roots) {
        for (const [shard, { rows, snapshot }] of shards) {
          appended(root, shard, rows)
          shelfOf(root, shard).snapshotTo = snapshot?.to ?? (0 as Seq)
        }
      }
    },
    seqOf: (shard, digest) => shelves.get(shard)?.seqByDigest.get(bytesToHex(digest)),
    hashAt: (shard, seq) => (seq === 0 ? EMPTY_CHAIN_HASH : shelves.get(shard)?.hashes[seq]),
    snapshotTo: (shard) => shelves.get(shard)?.snapshotTo ?? (0 as Seq),
    isErased,
    wasEver: (digest) => ever.has(bytesToHex(digest)),
    version: () => version
  }
}
