import { openWindow, until, wait } from '#bench/peers/rig.ts'
import { fillRoom } from '#bench/peers/rooms.ts'
import { BARE, PEERS, type ServerName } from '#bench/peers/servers.ts'
import { createHistogram } from '#bench/peers/statistics.ts'
import { atLeast, type Figures, figureOf, type Setting, times, toldOnly, type Workload } from '#bench/peers/workload.ts'

/** A saturated: 16 writers, each with one update in flight; the next goes out when all others have it. */

const CLIENTS = 200
const IN_FLIGHT = 16
const WIDTH = 10

const measure = async ({ start, isQuick }: Setting): Promise<Figures> => {
  const server = await start()
  const latencies = createHistogram()
  let goesOn = true
  const room = await fillRoom(server, {
    name: 'saturated',
    clients: CLIENTS,
    width: WIDTH,
    latencies,
    samples: 2,
    // Not from within the delivery: what came in one read is counted before anything is sent.
    onEverywhere: (writer) => goesOn && setImmediate(() => room.write(writer))
  })
  for (let writer = 0; writer < IN_FLIGHT; writer++) room.write(writer)
  await wait(isQuick ? 500 : 1_000)
  latencies.clear()
  const before = room.tally.deliveries()
  const window = openWindow(server)
  await wait(isQuick ? 2_000 : 5_000)
  const { cpu, load, seconds } = window.close()
  const deliveries = room.tally.deliveries() - before
  goesOn = false
  await until(() => room.tally.deliveries() >= room.tally.sentCount() * (CLIENTS - 1), 10_000)
  room.close()
  return {
    perSecond: deliveries / seconds / 1_000,
    cpu: (cpu * 1e6) / deliveries,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    load: load * 100,
    converged: room.isConverged() ? 1 : 0
  }
}

const ratio = (a: number, b: number): number => a / b

export const saturated: Workload = {
  id: 'As',
  title: `A saturated: one room, ${CLIENTS} clients, ${IN_FLIGHT} updates in flight`,
  servers: ['ours', ...BARE, ...PEERS],
  slowDisk: 'long',
  columns: [
    { key: 'perSecond', label: '1,000 updates delivered/s', digits: 0 },
    { key: 'cpu', label: 'CPU us a delivery', digits: 2 },
    { key: 'p50', label: 'p50 ms', digits: 1 },
    { key: 'p99', label: 'p99 ms', digits: 1 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: measure,
  judge: (table) => {
    const ours = figureOf(table, 'ours', 'perSecond')
    const best = (...names: readonly ServerName[]): number =>
      Math.max(...names.map((name) => figureOf(table, name, 'perSecond')).filter((value) => !Number.isNaN(value)))
    return [
      atLeast('>= 2x Hocuspocus', ratio(ours, best('hocuspocus', 'hocuspocus-sqlite')), 2, times),
      atLeast('>= 10x @y/websocket-server', ratio(ours, best('y-ws', 'y-ws-leveldb')), 10, times),
      toldOnly('of bare sockets', ratio(ours, figureOf(table, 'net', 'perSecond')), times)
    ]
  }
}
