import type { RunningServer } from '#bench/peers/process.ts'
import { EMPTY, join, wait } from '#bench/peers/rig.ts'
import type { ServerSpec } from '#bench/peers/servers.ts'
import { encodeAppend, FIRST_CLIENT } from '#bench/peers/updates.ts'
import { atMost, type Figures, figureOf, type Setting, type Workload } from '#bench/peers/workload.ts'

/** F: 500 updates a second stream through one room; the server is killed; what a reader had been shown must be there after the start. */

const WIDTH = 10
const PER_SECOND = 500
const EVERY_MS = 4

interface Kill {
  readonly shown: number
  readonly lost: number
}

/** The kill falls anywhere, not between two updates: a timer of the generator is as good as any. */
const streamAndKill = async (server: RunningServer, room: string, ms: number): Promise<number> => {
  let shown = 0
  const reader = await join(server, room, {
    stateVector: EMPTY,
    onRun: (_client, _from, to) => {
      shown = Math.max(shown, to)
    }
  })
  const writer = await join(server, room, { stateVector: EMPTY })
  let n = 0
  const begun = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1_000) * PER_SECOND
    for (; n < due; n++) writer.update(encodeAppend(FIRST_CLIENT, n, WIDTH))
  }, EVERY_MS)
  await wait(ms)
  await server.kill()
  clearInterval(timer)
  // What the kernel still held when the server died reaches the reader before the socket's end.
  await Promise.race([reader.socket.closed, wait(2_000)])
  return Math.floor(shown / WIDTH)
}

const countStored = async (server: RunningServer, room: string): Promise<number> => {
  let stored = 0
  const client = await join(server, room, {
    stateVector: EMPTY,
    onRun: (_client, from, to) => {
      if (from <= stored) stored = Math.max(stored, to)
    }
  })
  // leveldb's document arrives after an empty first answer: whoever joins waits a moment for it.
  await wait(server.spec.name === 'ours' ? 100 : 2_000)
  client.close()
  return Math.floor(stored / WIDTH)
}

/** From 100 ms on, each at another time; every tenth one late. */
const killTime = (n: number, spec: ServerSpec, isQuick: boolean): number => {
  if (spec.name !== 'ours') return [1_000, 4_000, 13_000][n % 3] as number
  return n % 10 === 9 && !isQuick ? 4_000 + 37 * n : 100 + ((n * 373) % 1_500)
}

const kills = ({ spec, isQuick }: Setting): number =>
  spec.name === 'ours' ? (isQuick ? 6 : 100) : spec.durable ? (isQuick ? 2 : 3) : 1

const measure = async (setting: Setting): Promise<Figures> => {
  const all: Kill[] = []
  let server = await setting.start()
  for (let n = 0; n < kills(setting); n++) {
    const room = `kill-${n}`
    const shown = await streamAndKill(server, room, killTime(n, setting.spec, setting.isQuick))
    server = await setting.start()
    const stored = await countStored(server, room)
    all.push({ shown, lost: Math.max(0, shown - stored) })
  }
  const sum = (of: (kill: Kill) => number): number => all.reduce((total, kill) => total + of(kill), 0)
  return {
    kills: all.length,
    shown: sum(({ shown }) => shown),
    lost: sum(({ lost }) => lost),
    worst: Math.max(...all.map(({ shown, lost }) => (shown === 0 ? 0 : lost / shown))) * 100,
    // A run in which nobody saw anything shows nothing.
    converged: sum(({ shown }) => shown) > 0 ? 1 : 0
  }
}

export const kill: Workload = {
  id: 'F',
  title: `F: SIGKILL while ${PER_SECOND} updates a second stream (peers: killed after 1, 4 and 13 s)`,
  servers: ['ours', 'y-ws', 'y-ws-leveldb', 'hocuspocus', 'hocuspocus-sqlite'],
  runs: 1,
  limitMs: 900_000,
  columns: [
    { key: 'kills', label: 'kills', digits: 0 },
    { key: 'shown', label: 'updates shown to others', digits: 0 },
    { key: 'lost', label: 'of them lost', digits: 0 },
    { key: 'worst', label: 'worst kill, % lost', digits: 1 }
  ],
  run: measure,
  judge: (table) => [atMost('seen by others and lost: 0', figureOf(table, 'ours', 'lost'), 0, String)]
}
