import type { RelayKeys } from '#server/rooms/relay-ports.ts'
import { type BusEnd, createBusNetwork } from '#testing/bus.ts'
import { createRelayHost, makeRelayKeys, type RelayHost } from './relay-host.ts'

type HostOptions = Parameters<typeof createRelayHost>[0]

/** Several relays over one disk and one bus, behind an address that leads to any of those that run. */
export const createCluster = (options: HostOptions, relays: number, neverPolls: boolean): RelayHost => {
  const { scheduler, random, weather, count } = options
  const network = createBusNetwork({ scheduler, random: random.fork(), weather: () => weather().bus, count })
  // Some brokers are never there.
  const hears = random.chance(0.8)
  let keys: RelayKeys = makeRelayKeys(random)
  const joinBus = (): BusEnd => {
    const end = network.join({ hears })
    return neverPolls ? { ...end, hears: () => true, onGap: () => () => {} } : end
  }
  const hosts = Array.from({ length: relays }, () =>
    createRelayHost({
      ...options,
      random: random.fork(),
      cluster: { joinBus, keys: () => keys, neverPolls }
    })
  )
  const some = (): RelayHost => random.pick(hosts)
  /** Another disk makes all that was acknowledged a question; another relay does not. */
  let disks = 1

  return {
    connect(wire, address) {
      const running = hosts.filter((host) => host.isUp())
      return running.length > 0 && random.pick(running).connect(wire, address)
    },
    kill: (why) => some().kill(why),
    killAll(why) {
      disks++
      for (const host of hosts) host.kill(why)
    },
    start() {
      for (const host of hosts) host.start()
    },
    restartGently: () => some().restartGently(),
    isUp: () => hosts.some((host) => host.isUp()),
    process: () => disks,
    takeNewKeys() {
      keys = makeRelayKeys(random)
    },
    freeze: (ms) => some().freeze(ms),
    cutBus: (ms) => some().cutBus(ms),
    heal() {
      for (const host of hosts) host.heal()
    }
  }
}
