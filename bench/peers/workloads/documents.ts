import { addressOf, EMPTY, inBatches, join, wait } from '#bench/peers/rig.ts'
import { PEERS } from '#bench/peers/servers.ts'
import { encodePrepends, FIRST_CLIENT } from '#bench/peers/updates.ts'
import { atMost, type Figures, figureOf, kilobytes, type Setting, type Workload } from '#bench/peers/workload.ts'

/** C: many rooms, a document of 20 kB and one client in each; then everybody leaves. */

const WIDTH = 15
const INSERTS = 850
const DOCUMENT = encodePrepends(FIRST_CLIENT, 0, INSERTS, WIDTH)

const measure = async ({ start, isQuick }: Setting): Promise<Figures> => {
  const rooms = isQuick ? 1_000 : 2_000
  const server = await start()
  await wait(500)
  const idle = server.rss()
  const clients = await inBatches(rooms, 25, async (n) => {
    const client = await join(server, `document-${n}`, { stateVector: EMPTY, localAddress: addressOf(n) })
    client.update(DOCUMENT)
    return client
  })
  await wait(isQuick ? 2_000 : 5_000)
  const loaded = server.rss()
  // A visitor reads what was written: the room is what it should be.
  let clocks = 0
  const visits = await inBatches(10, 10, (n) =>
    join(server, `document-${Math.floor((n * rooms) / 10)}`, {
      stateVector: EMPTY,
      onRun: (_client, from, to) => {
        clocks += to - from
      }
    })
  )
  for (const client of [...clients, ...visits]) client.close()
  await wait(isQuick ? 5_000 : 30_000)
  const after = server.rss()
  return {
    room: (loaded - idle) / rooms / 1_000,
    residual: (after - idle) / rooms / 1_000,
    idle: idle / 1e6,
    loaded: loaded / 1e6,
    after: after / 1e6,
    rooms,
    converged: clocks === 10 * INSERTS * WIDTH ? 1 : 0
  }
}

export const documents: Workload = {
  id: 'C',
  title: `C: rooms with a document of ${Math.round(DOCUMENT.length / 1_000)} kB and one client each; everybody leaves, 30 s pass (quick: 5 s)`,
  servers: ['ours', ...PEERS],
  runs: 1,
  columns: [
    { key: 'rooms', label: 'rooms', digits: 0 },
    { key: 'room', label: 'kB RSS a room', digits: 1 },
    { key: 'residual', label: 'residual kB', digits: 1 },
    { key: 'idle', label: 'RSS MB idle', digits: 0 },
    { key: 'loaded', label: 'loaded', digits: 0 },
    { key: 'after', label: 'after', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('<= 40 kB a room', figureOf(table, 'ours', 'room') * 1_000, 40_000, kilobytes),
    atMost('residual <= 5 kB a room', figureOf(table, 'ours', 'residual') * 1_000, 5_000, kilobytes)
  ]
}
