import { addressOf, EMPTY, inBatches, join, wait } from '#bench/peers/rig.ts'
import { atMost, type Figures, figureOf, kilobytes, type Setting, type Workload } from '#bench/peers/workload.ts'

/** J: 10,000 connections that do nothing, ten in a room. */

const CONNECTIONS = 10_000
const A_ROOM = 10

const measure = async ({ start, isQuick }: Setting): Promise<Figures> => {
  const server = await start()
  await wait(500)
  const idle = server.rss()
  const clients = await inBatches(CONNECTIONS, 100, (n) =>
    join(server, `idle-${Math.floor(n / A_ROOM)}`, { stateVector: EMPTY, localAddress: addressOf(n) })
  )
  await wait(isQuick ? 2_000 : 10_000)
  const cpu = server.cpuSeconds()
  await wait(isQuick ? 1_000 : 5_000)
  const perSecond = (server.cpuSeconds() - cpu) / (isQuick ? 1 : 5)
  const loaded = server.rss()
  for (const client of clients) client.close()
  await wait(2_000)
  return {
    each: (loaded - idle) / CONNECTIONS / 1_000,
    idle: idle / 1e6,
    loaded: loaded / 1e6,
    after: server.rss() / 1e6,
    cpu: perSecond * 1_000,
    converged: 1
  }
}

export const idleConnections: Workload = {
  id: 'J',
  title: `J: ${CONNECTIONS} idle connections, ${A_ROOM} in a room`,
  servers: ['ours', 'ws', 'net', 'y-ws', 'hocuspocus'],
  runs: 3,
  columns: [
    { key: 'each', label: 'kB RSS each', digits: 1 },
    { key: 'idle', label: 'RSS MB idle', digits: 0 },
    { key: 'loaded', label: 'loaded', digits: 0 },
    { key: 'after', label: 'after', digits: 0 },
    { key: 'cpu', label: 'CPU ms a second, all idle', digits: 0 }
  ],
  run: measure,
  judge: (table) => [atMost('open: <= 20 kB each', figureOf(table, 'ours', 'each') * 1_000, 20_000, kilobytes)]
}
