import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { OpenLimits } from '#server/rooms/open/open-limits.ts'
import { createOpenRelay } from '#server/rooms/open/open-relay.ts'
import type { OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { createMemoryRoomDisk, type MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import type { BusEnd } from '#testing/bus.ts'
import { WORLD_EPOCH_MS } from '#testing/clock.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Wire } from '#testing/wire.ts'
import type { Count, Fail } from '#testing/world/counts.ts'
import { createGate } from '#testing/world/gate.ts'
import type { Client } from './client.ts'
import type { Flaw } from './flaws.ts'
import { createLines } from './lines.ts'
import type { Line, Oracle } from './oracle.ts'
import { createProcess } from './process.ts'
import { createMergerIn, createStore } from './store.ts'
import type { Weather } from './weather.ts'

/** Small, so that a world of a minute meets every one of them. */
export const WORLD_LIMITS: Partial<OpenLimits> = {
  inlineBytes: 400,
  tailBytes: 1_500,
  tailRows: 8,
  recentBytes: 4_000,
  recentBytesPerRoom: 1_500,
  loadBytes: 2_000,
  batchBytes: 3_000,
  bufferBytes: 5_000,
  rebuildRetryMs: 4_000,
  rebuildPauseMs: 0
}

/** The relay's machine: starts the product's relay on the disk, kills it at any step of the store, starts it again after a while. */
export interface Host {
  readonly disk: MemoryRoomDisk
  dial(client: Client, bytesPerMs: number): Wire | undefined
  hang(wire: Wire): void
  kill(why: string): void
  start(): void
  restartGently(): Promise<void>
  /** Stands still for so long, as a stopped process: what comes is heard afterwards. */
  freeze(ms: number): void
  /** As `freeze`, for the bus alone. */
  cutBus(ms: number): void
  /** Nothing stands still or is cut off any more. */
  heal(): void
  /** Those that run. */
  relays(): readonly OpenRelay[]
  /** Sockets that are open at the relay. */
  open(): readonly Line[]
  lineOf(wire: Wire): Line | undefined
  /** The machine that this leads to. */
  machineOf(wire: Wire): Host | undefined
}

export interface HostOptions {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: () => Weather
  readonly oracle: () => Oracle
  readonly count: Count
  readonly fail: Fail
  readonly flaw: Flaw | undefined
  /** One of several relays of a store: its disk, and its end of their bus, anew for each life. */
  readonly cluster?: { readonly disk: MemoryRoomDisk; readonly joinBus: () => BusEnd } | undefined
}

/** When the sockets' own pings have found out that nobody is there. */
const DEAD_LINE_MS = 45_000

export const createHost = (options: HostOptions): Host => {
  const { scheduler, random, weather, oracle, count, flaw, cluster } = options
  const disk = cluster?.disk ?? createMemoryRoomDisk()
  let relay: OpenRelay | undefined
  let gate = createGate(scheduler)
  let bus: BusEnd | undefined
  let life = 0
  const lines = createLines({ ...options, roomOn: (room) => disk.rooms.get(room as RoomName) })
  let cancelTimers: (() => void)[] = []

  const kill = (why: string): void => {
    if (relay === undefined) return
    scheduler.note(`relay dies ${why}`)
    count(`relay killed ${why}`)
    relay.halt()
    relay = undefined
    gate.kill()
    void bus?.close()
    life++
    for (const cancel of cancelTimers) cancel()
    cancelTimers = []
    lines.cut()
    scheduler.after(random.between(300, 8_000), 'relay starts', start)
  }

  const start = (): void => {
    if (relay !== undefined) return
    const mine = life
    oracle().started()
    const shared = { disk, scheduler, random, weather, count, flaw, kill, isDead: () => life !== mine }
    gate = createGate(scheduler)
    bus = cluster?.joinBus()
    const process = createProcess({ gate, log: createStore(shared), merger: createMergerIn(shared), bus, flaw })
    relay = createOpenRelay({
      log: process.log,
      merger: process.merger,
      bus: process.bus ?? createMemoryBus(),
      isShared: cluster !== undefined,
      clock: {
        now: () => WORLD_EPOCH_MS + Math.round(scheduler.now()),
        after: (ms, run) => {
          const cancel = process.after(ms, run)
          cancelTimers.push(cancel)
          return cancel
        }
      },
      random: random.bytes,
      admit: (_room, { token }) => (token === 'read' ? 'read' : 'write'),
      limits: WORLD_LIMITS,
      onNews: ({ reason }) => {
        count('relay reported a failure')
        scheduler.note(`relay: ${reason}`)
      }
    })
  }

  const dial = (client: Client, bytesPerMs: number): Wire | undefined =>
    relay === undefined || gate.state() !== 'open' ? undefined : lines.dial(relay, gate, client, bytesPerMs)

  const hang = (wire: Wire): void => {
    count('line went dead')
    wire.hang()
    scheduler.after(DEAD_LINE_MS, '', () => wire.relay.hear.closed(1006, ''))
  }

  const self: Host = {
    disk,
    dial,
    hang,
    kill,
    start,
    async restartGently() {
      const leaving = relay
      if (leaving === undefined) return
      count('relay drained')
      await leaving.drain()
      if (relay !== leaving) return
      oracle().drained(leaving)
      kill('after draining')
    },
    freeze(ms) {
      if (relay === undefined || gate.state() !== 'open') return
      const frozen = gate
      count('relay froze')
      scheduler.note(`relay stands still for ${ms} ms`)
      frozen.freeze()
      scheduler.after(ms, 'relay goes on', () => frozen.thaw())
    },
    cutBus(ms) {
      const end = bus
      if (end === undefined) return
      count('bus cut off')
      end.cut()
      scheduler.after(ms, 'bus is back', () => end.heal())
    },
    heal() {
      gate.thaw()
      bus?.heal()
    },
    relays: () => (relay === undefined ? [] : [relay]),
    open: lines.open,
    lineOf: lines.of,
    machineOf: (wire) => (lines.of(wire) === undefined ? undefined : self)
  }
  return self
}
