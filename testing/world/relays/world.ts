import { createMemoryDatabase, type MemoryDatabase } from '#app/log/memory.ts'
import type { RelayName } from '#app/store/ports.ts'
import { entropyToPhrase } from '#app/vault/phrase.ts'
import type { DeviceId } from '#core/ids.ts'
import { createInstantCrypto } from '#testing/instant-crypto.ts'
import { createRandom } from '#testing/random.ts'
import { createScheduler } from '#testing/scheduler.ts'
import { createCounts } from '#testing/world/counts.ts'
import { createDevice, type Device } from '#testing/world/device.ts'
import { createHeld, type Held } from '#testing/world/held.ts'
import { copyDatabase } from '#testing/world/power.ts'
import { createRegistry } from '#testing/world/registry.ts'
import { rough } from '#testing/world/weather.ts'
import { PATHS, type World } from '#testing/world/world.ts'
import { type Choice, startSessions } from './sessions.ts'
import { createSite, type Site } from './site.ts'

/** One phrase, its devices, and two relays that know nothing of each other. Each device keeps its journal on one of them or on both. */
export interface RelaysWorld extends World {
  readonly sites: readonly Site[]
  /** The relays of a device. */
  chosen(device: Device): readonly RelayName[]
  choose(device: Device, names: readonly RelayName[]): void
  joinAt(names: readonly RelayName[]): Device
}

export const NAMES = ['one.example', 'two.example'] as RelayName[]

export const createRelaysWorld = (seed: number): RelaysWorld => {
  const scheduler = createScheduler()
  const random = createRandom(seed)
  const crypto = createInstantCrypto(random.fork())
  const { count, counts } = createCounts()
  const problems: string[] = []
  const cloned = new Set<DeviceId>()
  const choices = new Map<string, { names: readonly RelayName[]; readonly listeners: Set<() => void> }>()
  const words = entropyToPhrase(random.bytes(16))
  let weather = rough(random.fork())
  let devices: Device[] = []

  const fail = (rule: string, what: string): void => {
    scheduler.note(`!! [${rule}] ${what}`)
    problems.push(`[${rule}] at ${Math.round(scheduler.now())} ms: ${what}`)
  }
  const registry = createRegistry(scheduler.track)
  const sites = NAMES.map((name) =>
    createSite({
      name,
      scheduler,
      random: random.fork(),
      registry,
      weather: () => weather,
      cloned: (device) => cloned.has(device),
      count,
      fail
    })
  )
  const [first] = sites
  if (!first) throw new Error('no relay')
  const drawn = random.fork()
  /** What life does to "the relay" it does to either. */
  const some = (): Site => drawn.pick(sites)

  const choiceAt = (name: string) => {
    const kept = choices.get(name) ?? { names: NAMES, listeners: new Set<() => void>() }
    choices.set(name, kept)
    return kept
  }
  const choiceOf = (device: Device): Choice => {
    const { listeners } = choiceAt(device.name)
    return { names: () => choiceAt(device.name).names, subscribe: (changed) => listeners.add(changed) }
  }
  const choose = (device: Device, names: readonly RelayName[]): void => {
    scheduler.note(`${device.name} keeps its journal at ${names.join(' and ')}`)
    const choice = choiceAt(device.name)
    choice.names = names
    for (const changed of choice.listeners) changed()
  }

  const addDevice = (database: MemoryDatabase, held: Held, names: readonly RelayName[]): Device => {
    const name = 'abcdefghijkl'[devices.length] ?? `z${devices.length}`
    choiceAt(name).names = names
    const device = createDevice({
      name,
      scheduler,
      random: random.fork(),
      crypto,
      database,
      held,
      weather: () => weather,
      relay: first.name,
      paths: PATHS,
      words,
      count,
      problem: (what) => fail('WO2', `${name}: ${what}`),
      watch: registry.watch,
      process: () => 0,
      // Nobody erases everything here.
      dialFrom: () => () => ({ send: () => undefined, close: () => undefined }),
      startSession: startSessions({ sites, choiceOf, registry, random: random.fork(), count, fail })
    })
    devices = [...devices, device]
    scheduler.note(`${name} appears at ${names.join(' and ')}`)
    scheduler.after(0, '', device.openTab)
    return device
  }
  const joinAt = (names: readonly RelayName[]): Device => addDevice(createMemoryDatabase(), createHeld(), names)

  return {
    seed,
    words,
    scheduler,
    random,
    devices: () => devices,
    sites,
    host: {
      ...first.host,
      kill: (why) => some().host.kill(why),
      restartGently: () => some().host.restartGently(),
      start: () => {
        for (const { host, isGone } of sites) if (!isGone()) host.start()
      },
      heal: () => {
        for (const { host } of sites) host.heal()
      }
    },
    disk: { ...first.disk, purge: (before) => some().disk.purge(before) },
    stored: first.stored,
    registry,
    oracle: first.oracle,
    counts,
    count,
    weather: () => weather,
    setWeather: (next) => {
      weather = next
    },
    joinAt,
    join: () => joinAt(drawn.pick([NAMES, NAMES, NAMES.slice(0, 1), NAMES.slice(1)])),
    chosen: (device) => choiceAt(device.name).names,
    choose,
    clone: (device) => {
      const copied = device.keyholder()?.device
      if (copied) cloned.add(copied)
      count('profile copied')
      return addDevice(copyDatabase(device.database), device.held().copy(), choiceAt(device.name).names)
    },
    keepCopy: () => some().keepCopy(),
    copies: () => sites.flatMap((site) => site.copies()),
    restoreRelay: (copy) => some().replace(copy),
    problems: () => problems,
    fail
  }
}
