import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { OPEN_CLOSE, SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { type RelayProcess, startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'
import { refusalOf } from '#testing/wire/wire.ts'
import { buildShim } from './power.ts'

const metric = async (relay: RelayProcess, name: string): Promise<number> => {
  const line = (await (await fetch(`${relay.origin}/metrics`)).text()).split('\n').find((each) => each.startsWith(name))
  return Number(line?.split(' ').at(-1))
}

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100))
}

/** What a handshake is answered with. */
const knock = (relay: RelayProcess, path: string): Promise<{ status: number; retryAfter: string | undefined }> =>
  new Promise((resolve) => {
    const protocols = path === '/sealed' ? [...SEALED_SUBPROTOCOLS] : []
    const socket = new WebSocket(`${relay.origin.replace('http', 'ws')}${path}`, protocols)
    socket.on('error', () => undefined)
    socket.on('open', () => {
      socket.close()
      resolve({ status: 101, retryAfter: undefined })
    })
    socket.on('unexpected-response', (request, { statusCode = 0, headers }) => {
      request.destroy()
      resolve({ status: statusCode, retryAfter: headers['retry-after'] })
    })
  })

describe('when there is too much', () => {
  test('a disk that hangs turns new work away, with a time to come back, and all goes on when it works again', {
    timeout: 120_000
  }, async () => {
    await using folder = await temporaryFolder()
    const stuck = join(folder.path, 'stuck')
    const relay = await startRelayProcess({
      databasePath: join(folder.path, 'council.db'),
      env: { LD_PRELOAD: buildShim('stuck', folder.path), STUCK_SYNC: stuck }
    })
    const wire = await relay.dial()
    await wire.enter(wireRoot('patient'), relay.host)
    await writeFile(stuck, '')
    const shard = wireShard(1)
    wire.push(shard, [wireEntry()], 1)
    await until(async () => (await metric(relay, 'council_overloaded{cause="commit"}')) === 1)
    expect(await metric(relay, 'council_durability_lag_seconds{endpoint="sealed"}')).toBeGreaterThan(2)
    expect(await metric(relay, 'council_queued_bytes{endpoint="sealed"}')).toBeGreaterThan(0)
    for (const path of ['/sealed', '/y/room']) {
      const { status, retryAfter } = await knock(relay, path)
      expect(status).toBe(503)
      expect(Number(retryAfter)).toBeGreaterThan(0)
    }
    expect((await fetch(`${relay.origin}/readyz`)).status).toBe(503)
    // Who is here already is asked to breathe.
    wire.push(shard, [wireEntry()], 2)
    const seen = new Set<string>()
    while (!seen.has('pause') || !seen.has('nack')) {
      const frame = await wire.next()
      seen.add(frame.type)
      if (frame.type === 'nack') expect(refusalOf(frame)).toBe('paused')
    }
    await rm(stuck)
    expect((await wire.until('ack')).ref).toBe(1)
    await until(async () => (await metric(relay, 'council_overloaded{cause="commit"}')) === 0)
    expect((await knock(relay, '/y/room')).status).toBe(101)
    expect((await fetch(`${relay.origin}/readyz`)).status).toBe(200)
    expect(await metric(relay, 'council_pauses_total{kind="door"}')).toBe(2)
    expect(await metric(relay, 'council_pauses_total{kind="frame"}')).toBeGreaterThan(0)
    wire.close()
    await relay.stop()
  })

  test('while it leaves it is not ready, takes nobody, and sends those who are here away one after the other', {
    timeout: 60_000
  }, async () => {
    await using folder = await temporaryFolder()
    const relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db') })
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const socket = new WebSocket(`${relay.origin.replace('http', 'ws')}/y/room-${index}`)
        await once(socket, 'open')
        return socket
      })
    )
    const closings = sockets.map((socket) => once(socket, 'close').then(([code]) => code as number))
    const ended = relay.stop()
    await Promise.race(closings)
    expect((await fetch(`${relay.origin}/readyz`)).status).toBe(503)
    expect((await knock(relay, '/y/room')).status).toBe(503)
    const closed = await Promise.all(closings)
    expect(new Set(closed)).toEqual(new Set([OPEN_CLOSE.goingAway]))
    expect(await ended).toBe(0)
  })
})
