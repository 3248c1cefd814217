import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openScene } from './scene.ts'

const SOCKETS = 3_000
const IN_A_ROOM = 10
const AT_ONCE = 100
/** The bar of bench/peers (workload J) is half of it: the bench collects figures, this notices when a socket costs another order. */
const MOST_BYTES_EACH = 40_000

const residentBytes = (pid: number | undefined): number => {
  const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
  return Number(pages) * 4_096
}

test.skipIf(process.platform !== 'linux')(
  `${SOCKETS} idle sockets of open rooms hold no more than ${MOST_BYTES_EACH / 1_000} kB each`,
  async () => {
    await using scene = await openScene({ CONNECTIONS_PER_ADDRESS: '100000' })
    const { origin, child } = scene.relay()
    const dial = async (i: number): Promise<WebSocket> => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/y/room-${Math.floor(i / IN_A_ROOM)}`)
      // The relay's sync step 1: the room is open.
      await once(socket, 'message')
      return socket
    }
    const fill = async (from: number, count: number): Promise<WebSocket[]> => {
      const sockets: WebSocket[] = []
      while (sockets.length < count) {
        const next = from + sockets.length
        sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => dial(next + i)))))
      }
      return sockets
    }
    const warm = await fill(0, 500)
    const before = residentBytes(child.pid)
    const sockets = await fill(warm.length, SOCKETS)
    const each = (residentBytes(child.pid) - before) / SOCKETS
    console.log(`${(each / 1_000).toFixed(1)} kB a socket`)
    for (const socket of [...warm, ...sockets]) socket.terminate()
    expect(each).toBeLessThan(MOST_BYTES_EACH)
  }
)
