import { createMemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import { type BusEnd, type BusNetwork, createBusNetwork } from '#testing/bus.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import type { Client } from './client.ts'
import { createHost, type Host, type HostOptions } from './host.ts'

const ALIVE = 7

/** A relay whose signs of life go on when it has died. */
const haunting = (end: BusEnd, network: BusNetwork, scheduler: Scheduler): BusEnd => {
  const alive: (readonly [topic: string, message: Uint8Array])[] = []
  return {
    ...end,
    publish(topic, message) {
      if (message[0] === ALIVE && alive.length === 0) alive.push([topic, message])
      end.publish(topic, message)
    },
    async close() {
      await end.close()
      const ghost = network.join()
      const say = (left: number): void => {
        for (const said of alive) ghost.publish(...said)
        if (left > 0) scheduler.after(10_000, '', () => say(left - 1))
      }
      say(30)
    }
  }
}

/** Several relays over one disk and one bus, behind an address that leads to any of those that run. */
export const createHosts = (options: HostOptions, relays: number): Host => {
  const { scheduler, random, weather, count, flaw } = options
  const disk = createMemoryRoomDisk()
  const network = createBusNetwork({ scheduler, random: random.fork(), weather: () => weather().bus, count })
  // Some brokers are never there.
  const hears = random.chance(0.8)
  const joinBus = (): BusEnd => {
    const end = network.join({ hears })
    return flaw === 'dead-relay-lives' ? haunting(end, network, scheduler) : end
  }
  const hosts = Array.from({ length: relays }, () =>
    createHost({ ...options, random: random.fork(), cluster: { disk, joinBus } })
  )
  const some = (): Host => random.pick(hosts)
  /** Where each went last: people come back to the relay they know, or to any other. */
  const lastOf = new Map<Client, Host>()

  const dialled = (client: Client, bytesPerMs: number) => {
    const last = lastOf.get(client)
    const host = last !== undefined && random.chance(0.4) ? last : some()
    if (last !== undefined && last !== host) count('moved to another relay')
    lastOf.set(client, host)
    return host.dial(client, bytesPerMs)
  }

  return {
    disk,
    dial: dialled,
    hang: (wire) => hosts[0]?.hang(wire),
    kill: (why) => some().kill(why),
    start() {
      for (const host of hosts) host.start()
    },
    restartGently: () => some().restartGently(),
    freeze: (ms) => some().freeze(ms),
    cutBus: (ms) => some().cutBus(ms),
    heal() {
      for (const host of hosts) host.heal()
    },
    relays: () => hosts.flatMap((host) => host.relays()),
    open: () => hosts.flatMap((host) => host.open()),
    lineOf: (wire) => hosts.map((host) => host.lineOf(wire)).find((line) => line !== undefined),
    machineOf: (wire) => hosts.find((host) => host.machineOf(wire) !== undefined)
  }
}
