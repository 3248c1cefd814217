import { follow, openWindow, ownPhases, pace, until, wait } from '#bench/peers/rig.ts'
import { fillRoom } from '#bench/peers/rooms.ts'
import { BARE, PEERS } from '#bench/peers/servers.ts'
import { createHistogram } from '#bench/peers/statistics.ts'
import { atMost, type Figures, figureOf, type Setting, times, type Workload } from '#bench/peers/workload.ts'

/** A: one room, everybody writes in turn, 20,000 deliveries a second evenly. */

const WIDTH = 10
const DELIVERIES_PER_SECOND = 20_000
/**
 * Seconds of the same traffic before the clock starts, and measured. All of these servers are compiled while they run, for
 * about ten seconds at this pace; and this relay starts a thread once, for the 500th row (decision 0007).
 */
const SECONDS = { quick: [4, 3], full: [12, 5] } as const

const measure = async ({ start, isQuick }: Setting, count: number, isSpaced: boolean): Promise<Figures> => {
  const server = await start()
  const idle = server.rss()
  const latencies = createHistogram()
  const perSecond = DELIVERIES_PER_SECOND / count
  const [warm, long] = SECONDS[isQuick ? 'quick' : 'full']
  const room = await fillRoom(server, {
    name: 'fan-out',
    clients: count,
    width: WIDTH,
    latencies,
    samples: 2,
    writes: Math.ceil((perSecond * (warm + long)) / count) + 2
  })
  let turn = 0
  const load = (seconds: number): Promise<void> =>
    isSpaced
      ? pace(perSecond, seconds, () => room.write(turn++ % count))
      : follow(ownPhases(count, count / perSecond, seconds), room.write)
  const arrived = (): boolean => room.tally.deliveries() >= room.tally.sentCount() * (count - 1)
  await load(warm)
  await until(arrived, 3_000)
  latencies.clear()
  const before = room.tally.deliveries()
  const window = openWindow(server)
  await load(long)
  await until(arrived, 5_000)
  const { cpu, load: generator } = window.close()
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
    refused: room.refusals(),
    load: generator * 100,
    converged: room.isConverged() ? 1 : 0
  }
}

export interface FanOut {
  readonly clients: number
  /** Updates of the room at equal distances: none ever shares a commit window with another. */
  readonly isSpaced?: boolean
  readonly isMain?: boolean
}

export const createFanOut = ({ clients, isSpaced = false, isMain = false }: FanOut): Workload => ({
  id: `A${clients}${isSpaced ? 'e' : ''}`,
  title: `A: one room, ${clients} clients, 20,000 deliveries a second; ${
    isSpaced
      ? `an update every ${clients / 20} ms exactly`
      : `each client writes evenly, every ${(clients * clients) / 20_000} s, at a phase of its own`
  }; after ${SECONDS.full[0]} s of the same (quick: ${SECONDS.quick[0]} s)`,
  servers: isMain ? ['ours', 'sealed', ...BARE, ...PEERS] : ['ours', 'sealed', 'ws', 'net', 'hocuspocus-sqlite'],
  ...(isMain ? { slowDisk: 'both' } : { runs: 3, isLongOnly: true }),
  columns: [
    { key: 'cpu', label: 'CPU us a delivery', digits: 2 },
    { key: 'p50', label: 'p50 ms', digits: 1 },
    { key: 'p99', label: 'p99 ms', digits: 1 },
    { key: 'idle', label: 'RSS MB idle', digits: 0 },
    { key: 'loaded', label: 'loaded', digits: 0 },
    { key: 'after', label: 'after', digits: 0 },
    { key: 'refused', label: 'refused, sent again', digits: 0 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: (setting) => measure(setting, clients, isSpaced),
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
