import { createRandom, type Random } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import { type Count, type Counts, createCounts, type Fail } from '#testing/world/counts.ts'
import { roughBus } from '#testing/world/weather.ts'
import { type Client, createClient } from './client.ts'
import type { Flaw } from './flaws.ts'
import { createHost, type Host } from './host.ts'
import { createHosts } from './hosts.ts'
import { createOracle, type Oracle } from './oracle.ts'
import { rough, type Weather } from './weather.ts'

/** A relay and the people in its open rooms, all of it a function of the seed. */
export interface World {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly host: Host
  readonly relays: number
  readonly oracle: Oracle
  readonly rooms: readonly string[]
  readonly count: Count
  readonly counts: Counts
  readonly fail: Fail
  problems(): readonly string[]
  clients(): readonly Client[]
  join(room: string): Client
  setWeather(weather: Weather): void
  weather(): Weather
}

const LINES_BYTES_PER_MS = [1_000, 1_000, 50, 4]
const GOOD_LINE = 1_000
/** One of several is a watcher. */
const READ_ONLY_CHANCE = 0.12
const NAMES = ['field', 'a/b c', 'ключ.🌿']

export interface WorldOptions {
  readonly seed: number
  readonly flaw?: Flaw | undefined
  /** Relays of the one store. */
  readonly relays?: number | undefined
}

export const createWorld = ({ seed, flaw, relays = 1 }: WorldOptions): World => {
  const random = createRandom(seed)
  const scheduler = createScheduler()
  const { count, counts } = createCounts()
  const problems: string[] = []
  const fail: Fail = (rule, what) => {
    if (problems.length < 5) problems.push(`[${rule}] at ${Math.round(scheduler.now())} ms: ${what}`)
  }
  const clients: Client[] = []
  let weather = rough(random)
  let made = 0

  const shared = { scheduler, weather: () => weather, oracle: () => oracle, count, fail, flaw }
  const hostRandom = random.fork()
  const host: Host =
    relays === 1
      ? createHost({ ...shared, random: hostRandom })
      : createHosts({ ...shared, random: hostRandom }, relays)
  if (relays > 1) weather = { ...weather, bus: roughBus(hostRandom) }
  const oracle: Oracle = createOracle({
    scheduler,
    disk: () => host.disk,
    open: host.open,
    lineOf: host.lineOf,
    isShared: relays > 1,
    count,
    fail
  })
  scheduler.onRest(oracle.look)

  return {
    scheduler,
    random,
    host,
    relays,
    oracle,
    rooms: NAMES.slice(0, random.between(1, NAMES.length)),
    count,
    counts,
    fail,
    problems: () => problems,
    clients: () => clients,
    join(room) {
      const bytesPerMs = random.pick(LINES_BYTES_PER_MS)
      const client = createClient({
        scheduler,
        random: random.fork(),
        name: `p${++made}`,
        room,
        mayWrite: !random.chance(READ_ONLY_CHANCE),
        dial: (who) => host.dial(who, weather.isCalm ? GOOD_LINE : bytesPerMs),
        hang: host.hang,
        onSynced: oracle.synced,
        count,
        fail
      })
      clients.push(client)
      return client
    },
    setWeather(value) {
      weather = value
    },
    weather: () => weather
  }
}
