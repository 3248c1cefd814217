import { createHash, sign, verify } from 'node:crypto'
import type { Sha256 } from '#core/chain.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { Effect } from '#server/protocol/effects.ts'
import { createRelay } from '#server/rooms/relay.ts'
import type { Relay, RelayKeys, RelayLimits } from '#server/rooms/relay-ports.ts'
import type { BusEnd } from '#testing/bus.ts'
import type { TestClock } from '#testing/clock.ts'
import { ed25519Pair, publicKeyOf } from '#testing/ed25519.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Wire } from '#testing/wire.ts'
import type { Count } from './counts.ts'
import type { Disk, Mounted } from './disk.ts'
import { createGate } from './gate.ts'
import { throughGate } from './through-gate.ts'
import type { Weather } from './weather.ts'

/** The relay's machine: starts the product's relay on the disk, kills it at any effect, starts it again after a while. */
export interface RelayHost {
  /** @returns whether anybody listened. */
  connect(wire: Wire, address: string): boolean
  kill(why: string): void
  start(): void
  /** GOAWAY, finish, close; then start anew. */
  restartGently(): Promise<void>
  isUp(): boolean
  /** Which process runs: a socket of an earlier one is dead. */
  process(): number
  /** The relay's own key lay on the disk that was lost. */
  takeNewKeys(): void
  /** Of several relays, all. */
  killAll(why: string): void
  /** Stands still for so long, as a stopped process: what comes is heard afterwards. */
  freeze(ms: number): void
  /** As `freeze`, for the bus alone. */
  cutBus(ms: number): void
  /** Nothing stands still or is cut off any more. */
  heal(): void
}

/** One of several relays of a store. */
export interface ClusterPart {
  /** Anew for each life. */
  readonly joinBus: () => BusEnd
  /** Devices pin one key for all of them. */
  readonly keys: () => RelayKeys
  /** It never asks the store by itself, nor when the bus may have missed something. */
  readonly neverPolls: boolean
}

/** A poll, while the bus hears, is the only thing that a relay does after so long. */
export const isPoll = (ms: number): boolean => ms > 7_000 && ms < 13_000

export const makeRelayKeys = (random: Random): RelayKeys => {
  const { publicKey, privateKey } = ed25519Pair(random.bytes(32))
  return { publicKey, sign: async (message) => new Uint8Array(sign(null, message, privateKey)) }
}

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest())

export const createRelayHost = (options: {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly clock: TestClock
  readonly disk: Disk
  readonly weather: () => Weather
  readonly address: string
  readonly sha256: Sha256
  readonly limits: Partial<RelayLimits>
  readonly count: Count
  readonly problem: (what: string) => void
  readonly cluster?: ClusterPart
}): RelayHost => {
  const { scheduler, random, clock, disk, weather, count, cluster } = options
  let keys = makeRelayKeys(random)
  let relay: Relay | undefined
  let mounted: Mounted | undefined
  let gate = createGate(scheduler)
  let bus: BusEnd | undefined
  let process = 0
  let wires: Wire[] = []
  let cancelTimers: (() => void)[] = []

  const kill = (why: string): void => {
    if (!relay) return
    scheduler.note(`relay dies: ${why}`)
    count(`relay killed ${why}`)
    relay.halt()
    relay = undefined
    mounted?.unmount()
    gate.kill()
    void bus?.close()
    for (const cancel of cancelTimers) cancel()
    cancelTimers = []
    for (const wire of wires) wire.cut()
    wires = []
    scheduler.after(random.between(500, 20_000), 'relay starts', start)
  }

  const onEffect = (effect: Effect): void => {
    if (random.chance(weather().disk.killChance / 10)) kill(`at ${effect.kind}`)
  }

  const start = (): void => {
    if (relay) return
    process++
    mounted = disk.mount((step, when) => kill(`${when} ${step}`))
    gate = createGate(scheduler)
    bus = cluster?.joinBus()
    const ports = throughGate(gate, mounted.log, bus)
    relay = createRelay({
      log: ports.log,
      bus: ports.bus ?? createMemoryBus(),
      isShared: cluster !== undefined,
      clock: {
        now: clock.wall,
        after: (ms, run) => {
          if (cluster?.neverPolls === true && isPoll(ms)) return () => {}
          const cancel = gate.setTimer(ms, run)
          cancelTimers.push(cancel)
          return cancel
        }
      },
      random: random.bytes,
      verify: async (key, message, signature) => verify(null, message, publicKeyOf(key), signature),
      sha256: options.sha256,
      keys: cluster?.keys() ?? keys,
      addresses: new Set([options.address]),
      limits: options.limits,
      isOverloaded: () => weather().relay.overloaded,
      onEffect,
      onNews: (news) => {
        if (news.kind === 'failed') options.problem(`the relay failed: ${news.reason}`)
      }
    })
  }

  const connect = (wire: Wire, address: string): boolean => {
    if (!relay || gate.state() !== 'open') return false
    const end = wire.relay
    const handle = relay.connect(
      {
        send: (bytes) => {
          end.send(bytes)
          return end.buffered()
        },
        close: (code) => end.close(code, '')
      },
      address
    )
    wires = [...wires.filter((each) => each.open()), wire]
    end.hear.message = gate.in(handle.message)
    end.hear.closed = gate.in(handle.closed)
    end.hear.drained = gate.in(handle.drained)
    return true
  }

  return {
    connect,
    kill,
    start,
    restartGently: async () => {
      const leaving = relay
      if (!leaving) return
      await leaving.drain(1_000)
      if (relay !== leaving) return
      kill('after draining')
    },
    isUp: () => relay !== undefined,
    process: () => process,
    takeNewKeys: () => {
      keys = makeRelayKeys(random)
    },
    killAll: kill,
    freeze(ms) {
      if (!relay || gate.state() !== 'open') return
      const frozen = gate
      count('relay froze')
      frozen.freeze()
      scheduler.after(ms, 'relay goes on', frozen.thaw)
    },
    cutBus(ms) {
      const end = bus
      if (!end) return
      count('bus cut off')
      end.cut()
      scheduler.after(ms, 'bus is back', end.heal)
    },
    heal() {
      gate.thaw()
      bus?.heal()
    }
  }
}
