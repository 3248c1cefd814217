import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { env } from 'node:process'
import { expect, test } from 'vitest'
import { createRandom, type Random } from '#testing/random.ts'
import { startRig, UPGRADE } from './web-socket-rig.fixture.ts'
import { clientFrame, join } from './websocket/inbound.fixture.ts'

/** Any bytes, over real sockets, while a neighbour speaks. */

const SEED = Number(env.SOCKET_SEED ?? Date.now() % 2 ** 31)
const PEERS = Number(env.SOCKET_PEERS ?? 150)

const garbage = (random: Random): Uint8Array => random.bytes(random.below(2_000))

const frames = (random: Random): Uint8Array =>
  join(
    ...Array.from({ length: random.between(1, 6) }, () =>
      clientFrame({
        opcode: random.chance(0.8) ? random.pick([0, 2, 2, 8, 9, 10]) : random.below(16),
        payload: random.bytes(random.chance(0.1) ? random.below(70_000) : random.below(130)),
        isLast: random.chance(0.8),
        mask: random.chance(0.95) ? [...random.bytes(4)] : [],
        reserved: random.chance(0.05) ? 0x40 : 0
      })
    )
  )

/** The handshake may be of any kind, too. */
const opening = (random: Random): Uint8Array => {
  const path = random.pick([
    '/y/fuzz',
    '/sealed',
    '/y/%',
    '/y/%00',
    `/y/${'x'.repeat(random.below(9_000))}`,
    '/y/a?token=%'
  ])
  const text = new TextEncoder().encode(UPGRADE(path, 'Sec-WebSocket-Protocol: council.sealed.1\r\n'))
  if (random.chance(0.8)) return text
  text[random.below(text.length)] = random.below(256)
  return text
}

const attack = async (random: Random, port: number): Promise<void> => {
  const socket: Socket = connect(port, '127.0.0.1')
  const closed = new Promise((done) => socket.on('error', () => {}).on('close', done))
  socket.resume()
  socket.write(opening(random))
  for (let i = random.between(1, 5); i > 0 && !socket.destroyed; i--) {
    const bytes = random.chance(0.7) ? frames(random) : garbage(random)
    const at = random.below(bytes.length + 1)
    socket.write(bytes.subarray(0, at))
    await new Promise((done) => setImmediate(done))
    if (!socket.destroyed) socket.write(bytes.subarray(at))
  }
  if (random.chance(0.3)) socket.resetAndDestroy()
  else socket.end()
  await closed
}

test(`[WS21] whatever comes, the neighbour is served and nothing is left behind (seed ${SEED})`, async () => {
  await using rig = await startRig({ openMessageBytes: 100_000 })
  const random = createRandom(SEED)
  rig.onMessage = (seen, message) => {
    if (seen.request?.path === 'neighbour') seen.port.send(message)
    else if (message.length % 7 === 0) seen.port.sendPrepared({ bytes: new Uint8Array(message.length * 3) })
    else if (message.length % 11 === 0) seen.port.close(4400)
  }
  const neighbour = rig.dial('/y/neighbour')
  await once(neighbour, 'open')
  for (let i = 0; i < PEERS; i += 10) {
    await Promise.all(Array.from({ length: 10 }, () => attack(random.fork(), rig.port)))
    const said = random.bytes(random.below(1_000))
    neighbour.send(said)
    expect(Buffer.compare((await once(neighbour, 'message'))[0], said)).toBe(0)
    // Whose handshake was cut short is waited for, and whose close was not answered.
    rig.pass(11)
  }
  const others = rig.seen.filter(({ request }) => request?.path !== 'neighbour')
  await Promise.all(others.map(({ ended }) => ended))
  expect(others.length).toBeGreaterThan(PEERS / 4)
  expect(others.filter(({ closed }) => closed !== 1)).toEqual([])
  expect([rig.served.receptionBytes(), rig.served.bufferedBytes()]).toEqual([0, 0])
  neighbour.terminate()
})
