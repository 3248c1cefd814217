import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { bytes, closeFrame, framesIn, readToEnd } from './web-socket-bytes.fixture.ts'
import { startRig, UPGRADE } from './web-socket-rig.fixture.ts'
import { clientFrame, join } from './websocket/inbound.fixture.ts'

test('[WS3] messages of a client reach the relay, answers reach the client', async () => {
  await using rig = await startRig()
  rig.onMessage = (seen, message) => seen.port.send(message)
  const socket = rig.dial('/y/a')
  await once(socket, 'open')
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 300_000, 3_000_000]) {
    socket.send(bytes(size))
    const [echo] = await once(socket, 'message')
    expect(Buffer.compare(echo, bytes(size)), `${size} bytes`).toBe(0)
  }
  socket.terminate()
})

test('[WS3] what comes with the handshake is read', async () => {
  await using rig = await startRig()
  const early = connect(rig.port, '127.0.0.1')
  const arrived = new Promise<Uint8Array>((done) => {
    rig.onMessage = (_, message) => done(message)
  })
  early.write(join(new TextEncoder().encode(UPGRADE('/y/early')), clientFrame({ opcode: 2, payload: bytes(9) })))
  expect([...(await arrived)]).toEqual([...bytes(9)])
  early.destroy()
})

describe('[WS8] closing', () => {
  test('a close of the peer is echoed and tells the relay once', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const { ended } = await rig.arrived(1)
    socket.write(join(closeFrame(4321), clientFrame({ opcode: 2, payload: bytes(3) })))
    expect(framesIn(await readToEnd(socket))).toEqual([{ first: 0x88, payload: Buffer.of(4321 >> 8, 4321 & 255) }])
    await ended
    expect(rig.seen[0]).toMatchObject({ closed: 1, messages: [] })
  })

  test('a close without a code is answered without one', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    socket.write(clientFrame({ opcode: 8 }))
    expect(framesIn(await readToEnd(socket))).toEqual([{ first: 0x88, payload: Buffer.of() }])
  })

  test('a peer that goes without a word is told of once', async () => {
    await using rig = await startRig()
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const socket = await rig.raw()
      const seen = await rig.arrived(rig.seen.length)
      leave(socket)
      await seen.ended
      expect(seen.port.send(bytes(10))).toBe(0)
    }
    expect(rig.seen.map(({ closed }) => closed)).toEqual([1, 1])
  })
})

describe('[WS20] after its own close the relay', () => {
  test('sends what it had said before, and hears nothing more', async () => {
    await using rig = await startRig()
    rig.onConnect = ({ port }) => {
      port.send(bytes(200_000))
      port.send(bytes(4))
      port.close(4529)
      port.send(bytes(5))
    }
    const socket = rig.dial('/y/a')
    const sizes: number[] = []
    socket.on('message', (data: Buffer) => sizes.push(data.length))
    socket.on('open', () => socket.send(bytes(7)))
    expect((await once(socket, 'close'))[0]).toBe(4529)
    expect(sizes).toEqual([200_000, 4])
    await rig.seen[0]?.ended
    expect(rig.seen[0]).toMatchObject({ closed: 1, messages: [] })
  })

  test('waits ten seconds for an answer, and breaks off', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const { port, ended } = await rig.arrived(1)
    port.close(1001)
    const [close] = await once(socket, 'data')
    expect(framesIn(close)).toEqual([{ first: 0x88, payload: Buffer.of(1001 >> 8, 1001 & 255) }])
    rig.pass(9)
    socket.write(clientFrame({ opcode: 2, payload: bytes(5) }))
    expect(rig.seen[0]?.closed).toBe(0)
    rig.pass(1)
    await ended
    expect(rig.seen[0]).toMatchObject({ closed: 1, messages: [] })
    socket.destroy()
  })
})

describe('[WS9] pings', () => {
  test('are answered with their payload', async () => {
    await using rig = await startRig()
    const socket = rig.dial('/y/a')
    await once(socket, 'open')
    socket.ping(bytes(125))
    expect(Buffer.compare((await once(socket, 'pong'))[0], bytes(125))).toBe(0)
    socket.terminate()
  })

  test('that come in a flood end the socket with 1008, and cost one answer a turn', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const flood = Array.from({ length: 32 }, (_, i) => clientFrame({ opcode: 9, payload: Uint8Array.of(i) }))
    socket.write(join(...flood))
    const [pongs] = await once(socket, 'data')
    expect(framesIn(pongs)).toEqual([{ first: 0x8a, payload: Buffer.of(31) }])
    rig.pass(1)
    socket.write(join(...flood, ...flood))
    expect(framesIn(await readToEnd(socket)).at(-1)).toEqual({
      first: 0x88,
      payload: Buffer.of(1008 >> 8, 1008 & 255)
    })
  })
})

describe('[WS13] a silent peer', () => {
  test('is pinged every 30 s and broken off when nothing came in the next', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const { ended } = await rig.arrived(1)
    rig.pass(30)
    const [ping] = await once(socket, 'data')
    expect(framesIn(ping)).toEqual([{ first: 0x89, payload: Buffer.of() }])
    rig.pass(29)
    expect(rig.seen[0]?.closed).toBe(0)
    rig.pass(1)
    await ended
    expect(rig.seen[0]?.closed).toBe(1)
    socket.destroy()
  })

  test('is not one that answers', async () => {
    await using rig = await startRig()
    const socket = rig.dial('/y/a')
    await once(socket, 'open')
    for (let round = 0; round < 3; round++) {
      rig.pass(30)
      await once(socket, 'ping')
      // Its pong is there when a message sent after it is.
      const come = new Promise<void>((done) => {
        rig.onMessage = () => done()
      })
      socket.send(bytes(1))
      await come
    }
    expect(rig.seen[0]?.closed).toBe(0)
    socket.terminate()
  })
})

describe('[WS14] what is said within a turn', () => {
  test('leaves as one write, in order', async () => {
    await using rig = await startRig()
    const prepared: Prepared = { bytes: bytes(50) }
    rig.onMessage = ({ port }) => {
      port.send(bytes(3))
      port.sendPrepared(prepared)
      port.send(bytes(200))
      queueMicrotask(() => port.sendPrepared(prepared))
    }
    const socket = await rig.raw()
    socket.write(clientFrame({ opcode: 2 }))
    const [data] = await once(socket, 'data')
    expect(framesIn(data).map(({ first, payload }) => [first, payload.length])).toEqual([
      [0x82, 3],
      [0x82, 50],
      [0x82, 200],
      [0x82, 50]
    ])
    socket.destroy()
  })
})
