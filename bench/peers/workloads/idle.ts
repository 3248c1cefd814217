import { addressOf, EMPTY, inBatches, join, wait } from '#bench/peers/rig.ts'
import { openSealed, sealedRoot } from '#bench/peers/sealed.ts'
import { atMost, type Figures, figureOf, kilobytes, type Setting, type Workload } from '#bench/peers/workload.ts'

/** J: 10,000 connections that do nothing, ten in a room. */

const CONNECTIONS = 10_000
const A_ROOM = 10

const measure = async ({ start, isQuick, spec }: Setting): Promise<Figures> => {
  const isSealed = spec.name === 'sealed'
  const roots = isSealed ? Array.from({ length: CONNECTIONS / A_ROOM }, (_, n) => sealedRoot(`idle ${n}`)) : []
  const come = (n: number): Promise<{ close(): void }> => {
    const root = roots[Math.floor(n / A_ROOM)]
    return root === undefined
      ? join(server, `idle-${Math.floor(n / A_ROOM)}`, { stateVector: EMPTY, localAddress: addressOf(n) })
      : openSealed({ server, root, shard: root.shard('journal/2026/0'), localAddress: addressOf(n) })
  }
  const server = await start()
  await wait(500)
  const idle = server.rss()
  const clients = await inBatches(CONNECTIONS, 100, come)
  await wait(isQuick ? 1_000 : 5_000)
  const cpu = server.cpuSeconds()
  await wait(isQuick ? 1_000 : 5_000)
  const perSecond = (server.cpuSeconds() - cpu) / (isQuick ? 1 : 5)
  const loaded = server.rss()
  for (const client of clients) client.close()
  await wait(1_000)
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
  servers: ['ours', 'sealed', 'ws', 'net', 'y-ws-leveldb', 'hocuspocus'],
  runs: 1,
  columns: [
    { key: 'each', label: 'kB RSS each', digits: 1 },
    { key: 'idle', label: 'RSS MB idle', digits: 0 },
    { key: 'loaded', label: 'loaded', digits: 0 },
    { key: 'after', label: 'after', digits: 0 },
    { key: 'cpu', label: 'CPU ms a second, all idle', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('open: <= 20 kB each', figureOf(table, 'ours', 'each') * 1_000, 20_000, kilobytes),
    atMost('sealed: <= 20 kB each', figureOf(table, 'sealed', 'each') * 1_000, 20_000, kilobytes)
  ]
}
