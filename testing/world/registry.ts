import type { DocPath } from '#app/store/ports.ts'
import { createTurns } from '#app/vault/in-turn.ts'
import type { Keyholder, Sealed, SealRequest } from '#app/vault/ports.ts'
import { bytesToHex } from '#core/bytes.ts'
import { ENTRY_KIND, type EntryKind } from '#core/entry.ts'
import type { DeviceId, RootId, ShardId } from '#core/ids.ts'
import type { Scheduler } from '#testing/scheduler.ts'

/** What every sealed byte string says: the oracle reads over the authors' shoulders, so it needs no keys. */

export interface Sealing {
  readonly root: RootId
  readonly shard: ShardId
  readonly device: DeviceId
  readonly counter: number
  readonly innerHash: string
  readonly kind: EntryKind
  readonly body: Uint8Array
  /** Which simulated device made it. */
  readonly author: string
}

export interface Registry {
  /** The same keyholder, watched. */
  watch(keyholder: Keyholder, author: string): Keyholder
  find(digest: Uint8Array): Sealing | undefined
  all(): readonly Sealing[]
}

/** @param track the vault deflates in the platform's own threads: one at a time, and the world waits. */
export const createRegistry = (track: Scheduler['track']): Registry => {
  const turns = createTurns()
  const byDigest = new Map<string, Sealing>()

  const keep = (keyholder: Keyholder, author: string, shard: ShardId, request: SealRequest, sealed: Sealed): void => {
    byDigest.set(bytesToHex(sealed.digest), {
      root: keyholder.root,
      shard,
      device: keyholder.device,
      counter: request.counter,
      innerHash: bytesToHex(sealed.innerHash),
      kind: request.kind,
      body: request.body.slice(),
      author
    })
  }

  return {
    all: () => [...byDigest.values()],
    find: (digest) => byDigest.get(bytesToHex(digest)),
    watch: (keyholder, author) => {
      const shards = new Map<DocPath, ShardId>()
      const inTurn = <Value>(run: () => Promise<Value>): Promise<Value> => track(turns(run))
      return {
        ...keyholder,
        open: (...asked) => inTurn(() => keyholder.open(...asked)),
        openSnapshot: (...asked) => inTurn(() => keyholder.openSnapshot(...asked)),
        sealEphemeral: (...asked) => inTurn(() => keyholder.sealEphemeral(...asked)),
        openEphemeral: (...asked) => inTurn(() => keyholder.openEphemeral(...asked)),
        // Asked for at every step: derived once.
        shard: async (path) => {
          const shard = shards.get(path) ?? (await keyholder.shard(path))
          shards.set(path, shard)
          return shard
        },
        seal: async (shard, request) => {
          const sealed = await inTurn(() => keyholder.seal(shard, request))
          keep(keyholder, author, shard, request, sealed)
          return sealed
        }
      }
    }
  }
}

export const isUpdate = (sealing: Sealing): boolean => sealing.kind === ENTRY_KIND.update
