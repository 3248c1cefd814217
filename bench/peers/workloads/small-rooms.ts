import { inBatches, openWindow, pace, until, wait } from '#bench/peers/rig.ts'
import { fillRoom, type Room } from '#bench/peers/rooms.ts'
import { PEERS } from '#bench/peers/servers.ts'
import { createHistogram } from '#bench/peers/statistics.ts'
import { atMost, type Figures, figureOf, kilobytes, type Setting, times, type Workload } from '#bench/peers/workload.ts'

/** B: 1,000 rooms of two clients, each client writes once a second. */

const ROOMS = 1_000
const WIDTH = 10
/** Seconds of the same traffic before the clock starts, and measured: as in workload A. */
const SECONDS = { quick: [4, 3], full: [10, 5] } as const

const sum = (rooms: readonly Room[], of: (room: Room) => number): number =>
  rooms.reduce((total, room) => total + of(room), 0)

const measure = async ({ start, isQuick }: Setting): Promise<Figures> => {
  const server = await start()
  await wait(500)
  const idle = server.rss()
  const latencies = createHistogram()
  const [warm, long] = SECONDS[isQuick ? 'quick' : 'full']
  const rooms = await inBatches(ROOMS, 25, (n) =>
    fillRoom(server, {
      name: `room-${n}`,
      clients: 2,
      width: WIDTH,
      latencies,
      firstAddress: 2 * n,
      writes: warm + long + 1,
      samples: n % 100 === 0 ? 2 : 0
    })
  )
  const write = (n: number): void => rooms[n % ROOMS]?.write(Math.floor(n / ROOMS) % 2)
  const arrived = (): boolean =>
    sum(rooms, ({ tally }) => tally.deliveries()) >= sum(rooms, ({ tally }) => tally.sentCount())
  await pace(2 * ROOMS, warm, write)
  await until(arrived, 5_000)
  latencies.clear()
  const before = sum(rooms, ({ tally }) => tally.sentCount())
  const window = openWindow(server)
  await pace(2 * ROOMS, long, write)
  await until(arrived, 5_000)
  const { cpu, load } = window.close()
  const loaded = server.rss()
  const updates = sum(rooms, ({ tally }) => tally.sentCount()) - before
  for (const room of rooms) room.close()
  await wait(1_000)
  return {
    cpu: (cpu * 1e6) / updates,
    room: (loaded - idle) / ROOMS / 1_000,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    idle: idle / 1e6,
    loaded: loaded / 1e6,
    after: server.rss() / 1e6,
    refused: sum(rooms, (room) => room.refusals()),
    load: load * 100,
    converged: rooms.every((room) => room.isConverged()) ? 1 : 0
  }
}

export const smallRooms: Workload = {
  id: 'B',
  title: `B: ${ROOMS} rooms of 2 clients, 1 update a second each; after ${SECONDS.full[0]} s of the same (quick: ${SECONDS.quick[0]} s)`,
  servers: ['ours', 'sealed', 'ws', 'net', ...PEERS],
  slowDisk: 'long',
  runs: 3,
  columns: [
    { key: 'cpu', label: 'CPU us an update', digits: 0 },
    { key: 'room', label: 'kB RSS a room', digits: 1 },
    { key: 'p50', label: 'p50 ms', digits: 1 },
    { key: 'p99', label: 'p99 ms', digits: 1 },
    { key: 'idle', label: 'RSS MB idle', digits: 0 },
    { key: 'loaded', label: 'loaded', digits: 0 },
    { key: 'after', label: 'after', digits: 0 },
    { key: 'refused', label: 'refused, sent again', digits: 0 },
    { key: 'load', label: 'generator CPU %', digits: 0 }
  ],
  run: measure,
  judge: (table) => [
    atMost('CPU an update <= 1.5x bare ws', figureOf(table, 'ours', 'cpu') / figureOf(table, 'ws', 'cpu'), 1.5, times),
    atMost('<= 40 kB a room, sockets included', figureOf(table, 'ours', 'room') * 1_000, 40_000, kilobytes),
    atMost(
      'K: sealed <= 1.2x the open room',
      figureOf(table, 'sealed', 'cpu') / figureOf(table, 'ours', 'cpu'),
      1.2,
      times
    )
  ]
}
