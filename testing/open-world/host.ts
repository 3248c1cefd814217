import * as Y from 'yjs'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { OpenLimits } from '#server/rooms/open/open-limits.ts'
import { createOpenRelay } from '#server/rooms/open/open-relay.ts'
import type { OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import type { ConnectionHandle } from '#server/rooms/relay-ports.ts'
import { createMemoryRoomDisk, type MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import type { BusEnd } from '#testing/bus.ts'
import { WORLD_EPOCH_MS } from '#testing/clock.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import { createWire, type Wire } from '#testing/wire.ts'
import type { Count, Fail } from '#testing/world/counts.ts'
import { createGate } from '#testing/world/gate.ts'
import type { Client } from './client.ts'
import type { Flaw } from './flaws.ts'
import { heldIn, updateOn } from './held-bytes.ts'
import { goneMessage, readMessage, writeBytes } from './messages.ts'
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
  const { scheduler, random, weather, oracle, count, flaw } = options
  const { cluster } = options
  const disk = cluster?.disk ?? createMemoryRoomDisk()
  let relay: OpenRelay | undefined
  let gate = createGate(scheduler)
  let bus: BusEnd | undefined
  let life = 0
  let lines: Line[] = []
  const lineByWire = new WeakMap<Wire, Line>()
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
    for (const line of lines) {
      line.isOpen = false
      line.wire.cut()
    }
    lines = []
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

  const claimAll = (room: string, bytes: Uint8Array): Uint8Array => {
    if (flaw !== 'claims-what-lies-behind-a-gap' || readMessage(bytes).kind !== 'step1') return bytes
    const held = heldIn(updateOn(disk.rooms.get(room as never)))
    const ends = [...held.structs].map(([client, runs]) => [client, runs.at(-1)?.[1] ?? 0] as const)
    const claimed = Y.encodeStateVector(new Map(ends))
    const step1 = writeBytes(0, claimed)
    return new Uint8Array([0, 0, ...step1.subarray(1)])
  }

  const tell = (line: Line, bytes: Uint8Array): number => {
    if (!line.isOpen) return 0
    const told = claimAll(line.room, bytes)
    const toAll = flaw === 'answer-to-everybody' && readMessage(told).kind === 'step2'
    for (const each of toAll ? lines : [line]) {
      if (each.room !== line.room || !each.isOpen) continue
      oracle().sends(each, told, each.wire.relay.buffered())
      each.wire.relay.send(told)
    }
    return line.wire.relay.buffered()
  }

  const takePresenceAway = (line: Line): void => {
    if (flaw !== 'old-socket-takes-presence-away' || line.presence === undefined) return
    const bytes = goneMessage(line.client.doc.clientID, line.presence.clock + 1_000)
    for (const each of lines) if (each.room === line.room) tell(each, bytes)
  }

  const end = (line: Line, handle: ConnectionHandle): void => {
    if (!line.isOpen) return
    line.isOpen = false
    lines = lines.filter((each) => each !== line)
    takePresenceAway(line)
    if (flaw !== 'forgets-who-left') handle.closed()
  }

  const dial = (client: Client, bytesPerMs: number): Wire | undefined => {
    if (relay === undefined || gate.state() !== 'open') return undefined
    const wire = createWire({ scheduler, random, name: client.name, bytesPerMs, weather: () => weather().wire })
    const line: Line = {
      client,
      room: client.room,
      wire,
      isOpen: true,
      gate,
      asked: [],
      presence: undefined,
      heardAt: scheduler.now(),
      toldAt: scheduler.now(),
      most: 0
    }
    lines.push(line)
    lineByWire.set(wire, line)
    const socket = {
      send: (bytes: Uint8Array) => tell(line, bytes),
      sendPrepared: ({ bytes }: { readonly bytes: Uint8Array }) => tell(line, bytes),
      close: (code: number) => {
        line.isOpen = false
        lines = lines.filter((each) => each !== line)
        wire.relay.close(code, '')
      }
    }
    const handle = relay.connect(socket, {
      path: encodeURIComponent(client.room),
      token: client.mayWrite ? undefined : 'read',
      origin: undefined,
      address: client.name
    })
    wire.relay.hear.message = gate.in((bytes: Uint8Array) => {
      if (!line.isOpen) return
      oracle().hears(line, bytes)
      if (flaw === 'drops-an-update' && readMessage(bytes).kind === 'update' && random.chance(0.05)) return
      handle.message(bytes)
    })
    wire.relay.hear.closed = gate.in(() => end(line, handle))
    wire.relay.hear.drained = gate.in(() => line.isOpen && handle.drained())
    return wire
  }

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
    open: () => lines,
    lineOf: (wire) => lineByWire.get(wire),
    machineOf: (wire) => (lineByWire.has(wire) ? self : undefined)
  }
  return self
}
