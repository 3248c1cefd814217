import { addressOf, EMPTY, inBatches, join, openWindow } from '#bench/peers/rig.ts'
import { PEERS } from '#bench/peers/servers.ts'
import { atMost, type Figures, figureOf, type Setting, times, type Workload } from '#bench/peers/workload.ts'

/** E: 2,000 clients come at once into 200 rooms. */

const CLIENTS = 2_000
const ROOMS = 200
/** More handshakes at a time than a listen queue holds (511 unless told) would measure TCP's repeats. */
const AT_ONCE = 400

const measure = async ({ start }: Setting): Promise<Figures> => {
  const server = await start()
  const before = server.rss()
  const window = openWindow(server)
  const clients = await inBatches(CLIENTS, AT_ONCE, (n) =>
    join(server, `storm-${n % ROOMS}`, { stateVector: EMPTY, localAddress: addressOf(n) })
  )
  const { cpu, seconds, load } = window.close()
  const loaded = server.rss()
  for (const client of clients) client.close()
  return {
    ms: seconds * 1_000,
    cpu: (cpu * 1_000) / CLIENTS,
    socket: (loaded - before) / CLIENTS / 1_000,
    load: load * 100,
    converged: 1
  }
}

export const storm: Workload = {
  id: 'E',
  title: `E: ${CLIENTS} clients come at once into ${ROOMS} rooms`,
  servers: ['ours', 'ws', 'net', ...PEERS],
  columns: [
    { key: 'ms', label: 'ms', digits: 0 },
    { key: 'cpu', label: 'CPU ms each', digits: 3 },
    { key: 'socket', label: 'kB RSS each', digits: 1 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('open: CPU <= 1.5x bare ws', figureOf(table, 'ours', 'cpu') / figureOf(table, 'ws', 'cpu'), 1.5, times)
  ]
}
