import { openWindow, pace, until, wait } from '#bench/peers/rig.ts'
import { fillRoom } from '#bench/peers/rooms.ts'
import { BARE, PEERS } from '#bench/peers/servers.ts'
import { createHistogram } from '#bench/peers/statistics.ts'
import { atMost, type Figures, figureOf, type Setting, times, type Workload } from '#bench/peers/workload.ts'

/** A: one room, everybody writes in turn, 20,000 deliveries a second evenly. */

const WIDTH = 10
const DELIVERIES_PER_SECOND = 20_000

const measure = async ({ start, isQuick }: Setting, count: number): Promise<Figures> => {
  const server = await start()
  const idle = server.rss()
  const latencies = createHistogram()
  const perSecond = DELIVERIES_PER_SECOND / count
  const [warm, long] = isQuick ? [1, 3] : [1, 5]
  const room = await fillRoom(server, {
    name: 'fan-out',
    clients: count,
    width: WIDTH,
    latencies,
    samples: 2,
    writes: Math.ceil((perSecond * (warm + long)) / count) + 1
  })
  let turn = 0
  const write = (): void => room.write(turn++ % count)
  const arrived = (): boolean => room.tally.deliveries() >= room.tally.sentCount() * (count - 1)
  await pace(perSecond, warm, write)
  await until(arrived, 3_000)
  latencies.clear()
  const before = room.tally.deliveries()
  const window = openWindow(server)
  await pace(perSecond, long, write)
  await until(arrived, 5_000)
  const { cpu, load } = window.close()
  const deliveries = room.tally.deliveries() - before
  const loaded = server.rss()
  room.close()
  await wait(500)
  return {
    cpu: (cpu * 1e6) / deliveries,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    idle: idle / 1e6,
    loaded: loaded / 1e6,
    after: server.rss() / 1e6,
    load: load * 100,
    converged: room.isConverged() ? 1 : 0
  }
}

export const createFanOut = (clients: number): Workload => ({
  id: `A${clients}`,
  title: `A: one room, ${clients} clients, 20,000 deliveries a second, evenly`,
  servers: ['ours', 'sealed', ...BARE, ...PEERS],
  isDurable: clients === 200,
  ...(clients === 200 ? {} : { runs: 3, isLongOnly: true }),
  columns: [
    { key: 'cpu', label: 'CPU us a delivery', digits: 2 },
    { key: 'p50', label: 'p50 ms', digits: 1 },
    { key: 'p99', label: 'p99 ms', digits: 1 },
    { key: 'idle', label: 'RSS MB idle', digits: 0 },
    { key: 'loaded', label: 'loaded', digits: 0 },
    { key: 'after', label: 'after', digits: 0 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: (setting) => measure(setting, clients),
  judge: (table) => [
    atMost(
      'CPU a delivery <= 1.05x bare ws',
      figureOf(table, 'ours', 'cpu') / figureOf(table, 'ws', 'cpu'),
      1.05,
      times
    ),
    atMost(
      'p99 <= bare ws + 15 ms',
      figureOf(table, 'ours', 'p99') - figureOf(table, 'ws', 'p99'),
      15,
      (ms) => `${ms >= 0 ? '+' : ''}${ms.toFixed(1)} ms`
    ),
    atMost(
      'K: sealed <= 1.2x the open room',
      figureOf(table, 'sealed', 'cpu') / figureOf(table, 'ours', 'cpu'),
      1.2,
      times
    )
  ]
})
