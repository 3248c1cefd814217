import { createHash, sign, verify } from 'node:crypto'
import type { RelayName } from '#app/store/ports.ts'
import type { ShardId } from '#core/ids.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { StoredSnapshot } from '#server/rooms/ports.ts'
import { createRelay } from '#server/rooms/relay.ts'
import type { ConnectionHandle, RelayLimits } from '#server/rooms/relay-ports.ts'
import { createMemoryDisk, type MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog as createRelayLog } from '#server/storage/memory/memory-log.ts'
import { ed25519Pair, publicKeyOf } from '#testing/ed25519.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'

/** The real relay on memory, in virtual time; its disk can be replaced under it. */

export const RELAY = 'relay.test' as RelayName

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

export interface TestRelay {
  disk: MemoryDisk
  /** What the next process finds: the same disk, an older copy, an empty one. */
  restart(disk?: MemoryDisk, rootBytes?: number): void
  stop(): void
  /** Entries that come from nowhere; devices learn of them at their next PULL. */
  append(shard: ShardId, entries: readonly Uint8Array[]): Promise<void>
  /** Puts a snapshot in place of the log up to its end, as a compactor would. */
  forceSnapshot(shard: ShardId, snapshot: StoredSnapshot): void
  /** Sockets that are open now say nothing any more, and do not close: a half-open connection. */
  mute(): void
  connect(socket: { send(bytes: Uint8Array): void; close(code: number): void }): ConnectionHandle | undefined
}

export const createTestRelay = (
  scheduler: Scheduler,
  random: Random,
  limits: Partial<RelayLimits>,
  name: RelayName = RELAY
): TestRelay => {
  const pair = ed25519Pair(random.bytes(32))
  let running: ReturnType<typeof createRelay> | undefined
  let sockets: { close(code: number): void }[] = []
  const muted = new Set<unknown>()
  const relay: TestRelay = {
    disk: createMemoryDisk(),
    stop: () => {
      running?.halt()
      running = undefined
      for (const socket of sockets) socket.close(1006)
      sockets = []
    },
    restart: (disk = relay.disk, rootBytes = 1e9) => {
      relay.stop()
      relay.disk = disk
      const now = (): number => 1_800_000_000_000 + scheduler.now()
      running = createRelay({
        log: createRelayLog({ disk, ledger: [], sha256, now, rootBytes }),
        bus: createMemoryBus(),
        clock: { now, after: (ms, run) => scheduler.after(ms, '', run) },
        random: random.bytes,
        verify: async (key, message, signature) => verify(null, message, publicKeyOf(key), signature),
        sha256,
        keys: {
          publicKey: pair.publicKey,
          sign: async (message) => new Uint8Array(sign(null, message, pair.privateKey))
        },
        addresses: new Set([name]),
        limits
      })
    },
    append: async (shard, entries) => {
      const [root] = relay.disk.roots.keys()
      const log = createRelayLog({ disk: relay.disk, ledger: [], sha256, now: () => 0, rootBytes: 1e9 })
      if (root !== undefined) await log.append([{ root, shard, entries, epoch: 0 }])
    },
    forceSnapshot: (id, snapshot) => {
      for (const [root, state] of relay.disk.roots) {
        const shard = state.shards.get(id)
        if (shard === undefined) continue
        relay.disk.roots.set(root, { ...state, shards: new Map(state.shards).set(id, { ...shard, snapshot }) })
      }
    },
    mute: () => {
      for (const socket of sockets) muted.add(socket)
    },
    connect: (socket) => {
      if (running === undefined) return undefined
      sockets.push(socket)
      const send = (bytes: Uint8Array): number => {
        if (!muted.has(socket)) socket.send(bytes)
        return 0
      }
      return running.connect({ send, close: (code) => socket.close(code) }, 'here')
    }
  }
  relay.restart()
  return relay
}

/** A copy of everything the relay has on its disk now. */
export const copyDisk = (disk: MemoryDisk): MemoryDisk => ({
  ...disk,
  roots: new Map([...disk.roots].map(([id, root]) => [id, { ...root, shards: new Map(root.shards) }])),
  erasures: new Map(disk.erasures)
})
