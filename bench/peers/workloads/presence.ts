import type { YClient } from '#bench/peers/client.ts'
import { addressOf, EMPTY, inBatches, join, openWindow, pace, until } from '#bench/peers/rig.ts'
import { createHistogram } from '#bench/peers/statistics.ts'
import { createTally } from '#bench/peers/tally.ts'
import { FIRST_CLIENT } from '#bench/peers/updates.ts'
import { atMost, type Figures, figureOf, type Setting, times, type Workload } from '#bench/peers/workload.ts'

/** G: 200 clients in one room, each tells where its cursor is once a second. */

const CLIENTS = 200

const stateOf = (n: number): string =>
  JSON.stringify({
    user: { name: `Practitioner ${n}`, color: '#30bced', colorLight: '#30bced33' },
    cursor: { anchor: n, head: n }
  })

const measure = async ({ start, isQuick }: Setting): Promise<Figures> => {
  const server = await start()
  const latencies = createHistogram()
  // The nth state has clock n + 1: a run [n, n + 1) of width 1 stands for it; those before it were overtaken and count as come.
  const tally = createTally({ clients: CLIENTS, writers: CLIENTS, width: 1, latencies })
  const clients: YClient[] = await inBatches(CLIENTS, 50, (client) =>
    join(server, 'presence', {
      stateVector: EMPTY,
      localAddress: addressOf(client),
      onPresence: (id, clock) => tally.saw(client, id - FIRST_CLIENT, 0, clock, performance.now())
    })
  )
  let turn = 0
  const tell = (): void => {
    const writer = turn++ % CLIENTS
    const n = tally.sent(writer, performance.now())
    clients[writer]?.awareness(FIRST_CLIENT + writer, n + 1, stateOf(n))
  }
  const arrived = (): boolean => tally.deliveries() >= tally.sentCount() * (CLIENTS - 1)
  await pace(CLIENTS, isQuick ? 1 : 2, tell)
  await until(arrived, 3_000)
  latencies.clear()
  const before = tally.deliveries()
  const window = openWindow(server)
  await pace(CLIENTS, isQuick ? 3 : 6, tell)
  const converged = await until(arrived, 5_000)
  const { cpu, load } = window.close()
  for (const client of clients) client.close()
  return {
    cpu: (cpu * 1e6) / (tally.deliveries() - before),
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    load: load * 100,
    converged: converged ? 1 : 0
  }
}

export const presence: Workload = {
  id: 'G',
  title: `G: presence of ${CLIENTS} clients at 1 Hz in one room`,
  servers: ['ours', 'ws', 'preframed', 'net', 'y-ws', 'hocuspocus'],
  runs: 3,
  columns: [
    { key: 'cpu', label: 'CPU us a delivery', digits: 2 },
    { key: 'p50', label: 'p50 ms', digits: 1 },
    { key: 'p99', label: 'p99 ms', digits: 1 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('CPU a delivery <= 0.7x bare ws', figureOf(table, 'ours', 'cpu') / figureOf(table, 'ws', 'cpu'), 0.7, times)
  ]
}
