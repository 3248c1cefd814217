import type { Cluster, Spent } from '#bench/cluster/clusters.ts'
import { fillOpenRoom } from '#bench/peers/open-room.ts'
import { inBatches, pace, until } from '#bench/peers/rig.ts'
import type { Room } from '#bench/peers/rooms.ts'
import { createHistogram } from '#bench/peers/statistics.ts'
import type { Figures } from '#bench/peers/workload.ts'

/** Rooms whose clients are all on one relay, or in turn on each: what an update costs, and how long it takes. */

const WIDTH = 10

export interface Shape {
  readonly rooms: number
  readonly clients: number
  /** Of all together, evenly. */
  readonly updatesPerSecond: number
  /** Clients of one room are on different relays. */
  readonly isAcross: boolean
  readonly isQuick: boolean
}

const sum = (rooms: readonly Room[], of: (room: Room) => number): number =>
  rooms.reduce((total, room) => total + of(room), 0)

const minus = (after: Spent, before: Spent): Spent => ({
  relays: after.relays - before.relays,
  store: after.store - before.store,
  bus: after.bus - before.bus
})

export const measureDelivery = async (cluster: Cluster, shape: Shape): Promise<Figures> => {
  const { rooms: count, clients, updatesPerSecond, isAcross, isQuick } = shape
  const [warm, long] = isQuick ? [1, 4] : [2, 8]
  const latencies = createHistogram()
  const all = Array.from({ length: cluster.count }, (_, at) => cluster.relay(at))
  const rooms = await inBatches(count, 25, (n) =>
    fillOpenRoom(isAcross ? all : [cluster.relay(n % cluster.count)], {
      name: `room-${n}`,
      clients,
      width: WIDTH,
      latencies,
      firstAddress: clients * n,
      samples: n % 20 === 0 ? 2 : 0
    })
  )
  // Neighbours' writers are on different relays: else one relay at a time has all the writes, and commits them together.
  const write = (n: number): void => rooms[n % count]?.write((Math.floor(n / count) + (n % count)) % clients)
  const deliveries = (): number => sum(rooms, ({ tally }) => tally.deliveries())
  const sent = (): number => sum(rooms, ({ tally }) => tally.sentCount())
  const arrived = (): boolean => deliveries() >= sent() * (clients - 1)
  await pace(updatesPerSecond, warm, write)
  await until(arrived, 10_000)
  latencies.clear()
  const [sentBefore, before, own, begun] = [sent(), cluster.spent(), process.cpuUsage(), performance.now()]
  await pace(updatesPerSecond, long, write)
  await until(arrived, 10_000)
  const used = process.cpuUsage(own)
  const spent = minus(cluster.spent(), before)
  const updates = sent() - sentBefore
  const micros = (seconds: number): number => (seconds * 1e6) / updates
  const isConverged = rooms.every((room) => room.isConverged())
  for (const room of rooms) room.close()
  return {
    relays: micros(spent.relays),
    store: micros(spent.store),
    bus: micros(spent.bus),
    all: micros(spent.relays + spent.store + spent.bus),
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    load: (used.user + used.system) / 10 / (performance.now() - begun),
    converged: isConverged ? 1 : 0
  }
}
