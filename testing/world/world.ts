import { createMemoryDatabase, type MemoryDatabase } from '#app/log/memory.ts'
import type { DocPath, RelayName } from '#app/store/ports.ts'
import { entropyToPhrase } from '#app/vault/phrase.ts'
import type { Sha256 } from '#core/chain.ts'
import type { DeviceId } from '#core/ids.ts'
import type { MemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createClock } from '#testing/clock.ts'
import { createInstantCrypto } from '#testing/instant-crypto.ts'
import { createRandom, type Random } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import type { Direction } from '#testing/wire.ts'
import { createCluster } from './cluster.ts'
import { type Counts, createCounts } from './counts.ts'
import { createDevice, type Device } from './device.ts'
import { createDisk, type Disk, type Flaw } from './disk.ts'
import { createHeld, type Held } from './held.ts'
import { createNetwork } from './network.ts'
import { createOracle, type Oracle } from './oracle.ts'
import { copyDatabase } from './power.ts'
import { createRegistry, type Registry } from './registry.ts'
import { createRelayHost, sha256 as plainSha256, type RelayHost } from './relay-host.ts'
import { startSession } from './session.ts'
import { createStored, type Stored } from './stored.ts'
import { rough, roughBus, type Weather } from './weather.ts'
import { createWiretap } from './wiretap.ts'

/** One phrase, its devices, one relay, and all that befalls them. */
export interface World {
  readonly seed: number
  /** The recovery phrase. */
  readonly words: readonly string[]
  readonly scheduler: Scheduler
  readonly random: Random
  readonly devices: () => readonly Device[]
  readonly host: RelayHost
  /** Of the one store; absent: one. */
  readonly relays?: number
  readonly disk: Disk
  readonly stored: Stored
  readonly registry: Registry
  readonly oracle: Oracle
  readonly counts: Counts
  readonly count: (what: string) => void
  readonly weather: () => Weather
  setWeather(weather: Weather): void
  join(): Device
  /** Somebody copied the browser's profile: two devices with one key. */
  clone(device: Device): Device
  /** A backup of the relay's disk as it is now. */
  keepCopy(): void
  copies(): readonly MemoryDisk[]
  /** @param ledger whether the ledger of erasures beside the database was kept. */
  restoreRelay(copy: MemoryDisk | undefined, ledger: boolean): Promise<void>
  problems(): readonly string[]
  fail(rule: string, what: string): void
}

export interface WorldFlaws {
  readonly store?: Flaw
  readonly sha256?: (sha256: Sha256) => Sha256
  readonly device?: DeviceFlaw
  /** Of several relays: none of them asks the store by itself. */
  readonly neverPolls?: boolean
}

/** Wraps what a device's session is given. */
export type DeviceFlaw = 'send-before-store' | 'no-covers-check' | 'no-comparison'

export const RELAY = 'relay.example' as RelayName
export const PATHS = ['keyring', 'library', 'journal/2026/0'] as DocPath[]

export const createWorld = (options: {
  readonly seed: number
  readonly flaws?: WorldFlaws
  /** Rules that this run does not hold the house to: to see whether another one notices. */
  readonly overlook?: readonly string[]
  /** Relays of the one store. */
  readonly relays?: number | undefined
  /** Sees every frame. */
  readonly overhear?: (direction: Direction, bytes: Uint8Array) => void
}): World => {
  const { seed, flaws = {} } = options
  const scheduler = createScheduler()
  const random = createRandom(seed)
  const crypto = createInstantCrypto(random.fork())
  const sha256 = flaws.sha256?.(plainSha256) ?? plainSha256
  const { count, counts } = createCounts()
  const problems: string[] = []
  const copies: MemoryDisk[] = []
  const cloned = new Set<DeviceId>()
  /** A host may keep superseded entries for 30 days or for none. */
  const keepsNoGraves = random.chance(0.4)
  let weather = rough(random.fork())
  let devices: Device[] = []
  const words = entropyToPhrase(random.bytes(16))

  const fail = (rule: string, what: string): void => {
    if (options.overlook?.includes(rule)) return
    scheduler.note(`!! [${rule}] ${what}`)
    problems.push(`[${rule}] at ${Math.round(scheduler.now())} ms: ${what}`)
  }

  const registry = createRegistry(scheduler.track)
  const stored = createStored({ registry, cloned: (device) => cloned.has(device), fail })
  const clock = createClock(scheduler)
  const disk = createDisk({
    scheduler,
    random: random.fork(),
    sha256,
    now: clock.wall,
    rootBytes: 8_000_000,
    weather: () => weather.disk,
    committed: (change) => {
      const answers = change.step === 'append' ? change.answer : [change.answer]
      for (const answer of answers) count(`disk ${change.step} ${answer.ok ? 'ok' : answer.error.kind}`)
      stored.committed(change)
      if (keepsNoGraves && change.step === 'snapshot' && change.answer.ok) {
        scheduler.after(0, '', () => disk.purge(Number.POSITIVE_INFINITY))
      }
    },
    flaw: flaws.store
  })
  const { relays = 1 } = options
  const hostOptions: Parameters<typeof createRelayHost>[0] = {
    scheduler,
    random: random.fork(),
    clock,
    disk,
    weather: () => weather,
    address: RELAY,
    sha256,
    limits: {
      // A relay that stops sending early and reads little at a time: HEAD on drain, many PULLs, chunks between entries.
      bufferBytes: random.pick([1_000_000, 20_000]),
      pageBytes: random.pick([256_000, 3_000]),
      commitWindowMs: random.pick([0, 10])
    },
    count,
    problem: (what) => fail('WO2', what)
  }
  const host =
    relays === 1 ? createRelayHost(hostOptions) : createCluster(hostOptions, relays, flaws.neverPolls === true)
  if (relays > 1) weather = { ...weather, bus: roughBus(hostOptions.random) }
  const oracle = createOracle({ registry, stored, store: disk.store, sha256, fail })
  const network = createNetwork({
    scheduler,
    random: random.fork(),
    host,
    weather: () => weather,
    tap: () => {
      const wiretap = createWiretap({ stored, sha256, count, acknowledged: oracle.acknowledged, fail })
      return (direction, bytes) => {
        options.overhear?.(direction, bytes)
        wiretap.frame(direction, bytes)
      }
    }
  })

  const addDevice = (database: MemoryDatabase, held: Held): Device => {
    const name = 'abcdefgh'[devices.length] ?? `z${devices.length}`
    const device = createDevice({
      name,
      scheduler,
      random: random.fork(),
      crypto,
      database,
      held,
      weather: () => weather,
      relay: RELAY,
      paths: PATHS,
      words,
      count,
      problem: (what) => fail('WO2', `${name}: ${what}`),
      watch: registry.watch,
      process: host.process,
      dialFrom: (owner, tab) =>
        network.dialFrom({
          name: tab.name,
          isOnline: owner.isOnline,
          bytesPerMs: owner.bytesPerMs,
          in: tab.gate.in,
          wired: () => undefined
        }),
      startSession: startSession({
        relay: RELAY,
        paths: PATHS,
        network,
        sha256,
        random: random.fork(),
        count,
        fail,
        registry,
        flaw: flaws.device
      })
    })
    devices = [...devices, device]
    scheduler.after(0, `${name} appears`, device.openTab)
    return device
  }

  return {
    seed,
    words,
    scheduler,
    random,
    devices: () => devices,
    host,
    relays,
    disk,
    stored,
    registry,
    oracle,
    counts,
    count,
    weather: () => weather,
    setWeather: (next) => {
      weather = next
    },
    join: () => addDevice(createMemoryDatabase(), createHeld()),
    clone: (device) => {
      const copied = device.keyholder()?.device
      if (copied) cloned.add(copied)
      count('profile copied')
      return addDevice(copyDatabase(device.database), device.held().copy())
    },
    keepCopy: () => {
      copies.push(disk.copy())
    },
    copies: () => copies,
    restoreRelay: async (copy, ledger) => {
      host.killAll(copy ? 'for an older copy' : 'for an empty disk')
      if (!copy) host.takeNewKeys()
      disk.restore(copy, { ledger })
      stored.replaced(disk.bytes())
      await oracle.relayReplaced()
    },
    problems: () => problems,
    fail
  }
}
