import type { Cluster } from '#bench/cluster/clusters.ts'
import type { RunningServer } from '#bench/peers/process.ts'
import { EMPTY, join, wait } from '#bench/peers/rig.ts'
import { encodeAppend, FIRST_CLIENT } from '#bench/peers/updates.ts'
import type { Figures } from '#bench/peers/workload.ts'

/** 500 updates a second stream through one room; the relay of the writer is killed; what any reader had been shown must be with the other one. */

const WIDTH = 10
const PER_SECOND = 500
const EVERY_MS = 4

interface Kill {
  readonly shown: number
  readonly lost: number
}

/** @returns what it holds, in updates from the first without a gap. */
const createReader = async (server: RunningServer, room: string) => {
  let clock = 0
  const client = await join(server, room, {
    stateVector: EMPTY,
    onRun: (_client, from, to) => {
      if (from <= clock) clock = Math.max(clock, to)
    }
  })
  return { client, updates: () => Math.floor(clock / WIDTH) }
}

const killOnce = async (cluster: Cluster, room: string, ms: number, isOnBoth: boolean): Promise<Kill> => {
  const [first, second] = [cluster.relay(0), cluster.relay(1)]
  const readers = [await createReader(first, room)]
  if (isOnBoth) readers.push(await createReader(second, room))
  const writer = await join(first, room, { stateVector: EMPTY })
  let n = 0
  const begun = performance.now()
  const timer = setInterval(() => {
    const due = ((performance.now() - begun) / 1_000) * PER_SECOND
    for (; n < due; n++) writer.update(encodeAppend(FIRST_CLIENT, n, WIDTH))
  }, EVERY_MS)
  await wait(ms)
  await first.kill()
  clearInterval(timer)
  // What the kernel still held when the relay died reaches its reader before the socket's end.
  await Promise.race([readers[0]?.client.socket.closed, wait(2_000)])
  const shown = Math.max(...readers.map(({ updates }) => updates()))
  // Long enough for what was under way between the two, and for a store that waits before it writes.
  await wait(cluster.name === 'hocuspocus-2' ? 3_000 : 1_500)
  const late = await createReader(second, room)
  await wait(200)
  const stored = late.updates()
  for (const { client } of [...readers, late]) client.close()
  await cluster.restart(0)
  return { shown, lost: Math.max(0, shown - stored) }
}

/** At odd times: a kill falls anywhere, not between two updates. */
const killTime = (n: number): number => 400 + ((n * 373) % 3_700)

export const measureLoss = async (cluster: Cluster, isOnBoth: boolean, isQuick: boolean): Promise<Figures> => {
  const all: Kill[] = []
  const kills = isQuick ? 3 : 10
  for (let n = 0; n < kills; n++) all.push(await killOnce(cluster, `kill-${n}`, killTime(n), isOnBoth))
  const sum = (of: (kill: Kill) => number): number => all.reduce((total, kill) => total + of(kill), 0)
  return {
    kills,
    shown: sum(({ shown }) => shown),
    lost: sum(({ lost }) => lost),
    worst: Math.max(...all.map(({ shown, lost }) => (shown === 0 ? 0 : lost / shown))) * 100,
    converged: sum(({ shown }) => shown) > 0 ? 1 : 0
  }
}
