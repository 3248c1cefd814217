import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { Bus, EntryLog } from '#server/rooms/ports.ts'
import { createRelay } from '#server/rooms/relay.ts'
import type { Clock, Relay, RelayLimits, RelayNews, RelayOptions } from '#server/rooms/relay-ports.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { keyPair, sha256 } from './root.ts'
import { createWire, type Wire } from './wire.ts'

/** A relay on memory with sockets in memory and a clock that stands still until told. */

export const HOST = 'relay.test'

export const verifyEd25519 = async (key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> => {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key])
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

export interface StandingClock extends Clock {
  /** Lets time pass and runs what falls due. */
  pass(ms: number): void
}

export const createStandingClock = (start = 1_700_000_000_000): StandingClock => {
  let now = start
  let timers: { readonly at: number; readonly run: () => void }[] = []
  return {
    now: () => now,
    after(ms, run) {
      if (ms === 0) {
        const immediate = setImmediate(run)
        return () => clearImmediate(immediate)
      }
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    pass(ms) {
      now += ms
      const due = timers.filter(({ at }) => at <= now)
      timers = timers.filter(({ at }) => at > now)
      for (const { run } of due) run()
    }
  }
}

export interface Rig {
  readonly relay: Relay
  readonly clock: StandingClock
  readonly news: RelayNews[]
  readonly log: EntryLog
  plug(options?: { address?: string }): Wire & Plug
  /** Resolves when nothing is on its way any more, as long as no timer is due. */
  settle(): Promise<void>
}

export interface Plug {
  /** The peer reads nothing from now on. */
  stall(): void
  /** Reads what waits; from then on as it comes. */
  drain(): void
  /** Bytes that wait. */
  unread(): number
}

export interface RigOptions extends Partial<Omit<RelayOptions, 'limits' | 'log' | 'bus'>> {
  readonly limits?: Partial<RelayLimits>
  readonly log?: EntryLog
  readonly bus?: Bus
  readonly rootBytes?: number
}

export const createRig = (options: RigOptions = {}): Rig => {
  const clock = createStandingClock()
  const news: RelayNews[] = []
  const keys = keyPair(new Uint8Array(32).fill(1))
  const { rootBytes = 1e9, ...rest } = options
  const log =
    options.log ?? createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: clock.now, rootBytes })
  const relay = createRelay({
    bus: createMemoryBus(),
    clock,
    random: (bytes) => new Uint8Array(randomBytes(bytes)),
    verify: verifyEd25519,
    sha256,
    keys: { publicKey: keys.publicKey, sign: async (message) => keys.sign(message) },
    addresses: new Set([HOST]),
    onNews: (each) => news.push(each),
    ...rest,
    log
  })
  return {
    relay,
    clock,
    news,
    log,
    async settle() {
      for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
    plug({ address = 'peer' } = {}) {
      let waiting: Uint8Array[] = []
      let reading = true
      const unread = (): number => waiting.reduce((sum, each) => sum + each.byteLength, 0)
      const wire = createWire({
        send: (bytes) => handle.message(bytes),
        close: () => {
          handle.closed()
          wire.ended(1000)
        }
      })
      const handle = relay.connect(
        {
          send(bytes) {
            if (reading) queueMicrotask(() => wire.received(bytes))
            else waiting.push(bytes)
            return unread()
          },
          close: (code) => queueMicrotask(() => wire.ended(code))
        },
        address
      )
      return {
        ...wire,
        unread,
        stall() {
          reading = false
        },
        drain() {
          reading = true
          const all = waiting
          waiting = []
          for (const bytes of all) wire.received(bytes)
          handle.drained()
        }
      }
    }
  }
}
