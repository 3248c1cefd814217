import type { UpdateLog } from '#server/rooms/open-ports.ts'
import { createMemoryRoomDisk, type MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { createMemoryUpdateLog } from '#server/storage/memory/memory-update-log.ts'
import { type BusEnd, type BusNetwork, type BusWeather, CALM_BUS, createBusNetwork } from '#testing/bus.ts'
import { createRandom } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import type { OpenRelayOptions } from './open-relay-ports.ts'
import { type Client, openRig, type Rig } from './open-rig.fixture.ts'

/** One of them, and its end of the bus. */
export type RelayRig = Rig & { readonly bus: BusEnd }

/** Several relays over one store and one bus, on one virtual time. */
export interface RelaysRig {
  readonly scheduler: Scheduler
  readonly disk: MemoryRoomDisk
  readonly network: BusNetwork
  readonly relays: readonly RelayRig[]
  readonly one: RelayRig
  /** The same as `one` where there is but one. */
  readonly two: RelayRig
  /** Calls of `heads` by all. */
  asked(): number
  /** Rows read by all. */
  readings(): number
  setWeather(weather: BusWeather): void
  run(ms?: number): Promise<void>
}

export interface RelaysOptions {
  readonly relays?: number
  /** False: as a bus that never says that it hears anybody. */
  readonly hears?: boolean
  /** False: no message ever arrives. */
  readonly hasBus?: boolean
  readonly seed?: number
  readonly log?: (log: UpdateLog, relay: number) => UpdateLog
  readonly limits?: OpenRelayOptions['limits']
}

export const relaysRig = (options: RelaysOptions = {}): RelaysRig => {
  const { relays: count = 2, hears = true, hasBus = true, seed = 1, log: wrap = (log: UpdateLog) => log } = options
  const scheduler = createScheduler()
  const disk = createMemoryRoomDisk()
  const random = createRandom(seed)
  let weather: BusWeather = hasBus ? CALM_BUS : { ...CALM_BUS, loseChance: 1 }
  const network = createBusNetwork({ scheduler, random: random.fork(), weather: () => weather })
  let asked = 0
  let readings = 0
  const relays = Array.from({ length: count }, (_, index) => {
    const bus = network.join({ hears: hears && hasBus })
    const own = random.fork()
    const log = createMemoryUpdateLog({ disk, roomBytes: 1e9 })
    const counted: UpdateLog = {
      ...log,
      heads(rooms) {
        asked++
        return log.heads(rooms)
      },
      readAfter(...given) {
        readings++
        return log.readAfter(...given)
      }
    }
    const rig = openRig({
      scheduler,
      disk,
      on: bus,
      log: wrap(counted, index),
      isShared: true,
      random: own.bytes,
      ...(options.limits === undefined ? {} : { limits: options.limits })
    })
    return { ...rig, bus }
  })
  const [one, two = one] = relays
  if (one === undefined || two === undefined) throw new Error('no relay')
  return {
    scheduler,
    disk,
    network,
    relays,
    one,
    two,
    asked: () => asked,
    readings: () => readings,
    setWeather(next) {
      weather = next
    },
    run(ms = 100) {
      scheduler.after(0, '', () => {})
      return scheduler.runUntil(scheduler.now() + ms)
    }
  }
}

/** Alice at the first relay and Bob at the second, in one room, told what it holds. */
export const aliceAndBob = async (
  options: RelaysOptions = {}
): Promise<RelaysRig & { readonly alice: Client; readonly bob: Client }> => {
  const rig = relaysRig(options)
  const alice = rig.one.client('room')
  const bob = rig.two.client('room')
  await rig.run(200)
  return { ...rig, alice, bob }
}
