import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { type Rig, startRig, UPGRADE } from './web-socket-rig.fixture.ts'
import { clientFrame, join } from './websocket/inbound.fixture.ts'

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 255)
const closeFrame = (code: number): Uint8Array =>
  clientFrame({ opcode: 8, payload: Uint8Array.of(code >> 8, code & 255) })

/** All that comes until the server ends. */
const readToEnd = async (socket: Socket): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Frames of a server by the letter of RFC 6455. */
const framesIn = (stream: Buffer): readonly { first: number; payload: Buffer }[] => {
  const frames = []
  for (let at = 0; at < stream.length; ) {
    const short = (stream[at + 1] ?? 0) & 127
    const [from, size] =
      short === 127
        ? [at + 10, Number(stream.readBigUInt64BE(at + 2))]
        : short === 126
          ? [at + 4, stream.readUInt16BE(at + 2)]
          : [at + 2, short]
    frames.push({ first: stream[at] ?? 0, payload: stream.subarray(from, from + size) })
    at = from + size
  }
  return frames
}

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

describe('[WS6] each route has its own bound', () => {
  test('which ends the socket with 1009, as text does with 4400', async () => {
    await using rig = await startRig({ openMessageBytes: 2_000_000 })
    const refused = async (path: string, message: Uint8Array | string): Promise<number> => {
      const socket = rig.dial(path, ['council.sealed.1'])
      await once(socket, 'open')
      socket.send(message)
      return (await once(socket, 'close'))[0]
    }
    expect(await refused('/sealed', bytes(1_000_001))).toBe(1009)
    expect(await refused('/y/a', bytes(2_000_001))).toBe(1009)
    expect(await refused('/sealed', 'text')).toBe(4400)
    expect(await refused('/y/a', 'text')).toBe(4400)
    expect(rig.seen.flatMap(({ messages }) => messages)).toEqual([])
    await Promise.all(rig.seen.map(({ ended }) => ended))
    expect(rig.seen.map(({ closed }) => closed)).toEqual([1, 1, 1, 1])
    expect(rig.news).toContainEqual({ kind: 'broken', code: 1009 })
  })

  test('a giant header is refused before its bytes', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const long = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0)
    socket.write(clientFrame({ opcode: 2, length: { short: 127, long } }))
    expect(framesIn(await readToEnd(socket))).toEqual([{ first: 0x88, payload: Buffer.of(1009 >> 8, 1009 & 255) }])
  })
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

describe('[WS12] a message that comes too slowly ends with 1008', () => {
  const whole = clientFrame({ opcode: 2, payload: bytes(2) })
  const policy = { first: 0x88, payload: Buffer.of(1008 >> 8, 1008 & 255) }
  const heard = (rig: Rig): Promise<void> =>
    new Promise((done) => {
      rig.onMessage = () => done()
    })

  test('so that nobody holds memory by dribbling', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const begun = heard(rig)
    socket.write(join(whole, clientFrame({ opcode: 2, payload: bytes(60_000) }).slice(0, 100)))
    await begun
    const data = readToEnd(socket)
    rig.pass(20)
    expect(rig.seen[0]?.closed).toBe(0)
    rig.pass(1)
    expect(rig.seen[0]?.closed).toBe(1)
    expect(framesIn(await data)).toEqual([policy])
  })

  test('also in fragments, with pings between', async () => {
    await using rig = await startRig()
    const socket = await rig.raw()
    const begun = heard(rig)
    const fragment = clientFrame({ opcode: 2, payload: bytes(5), isLast: false })
    socket.write(join(whole, fragment, clientFrame({ opcode: 9 })))
    await begun
    const data = readToEnd(socket)
    rig.pass(21)
    expect(framesIn(await data).at(-1)).toEqual(policy)
  })

  test('and one that keeps the pace is taken', async () => {
    await using rig = await startRig({ limits: { graceSeconds: 2, paceBytes: 100 } })
    const socket = await rig.raw()
    const message = clientFrame({ opcode: 2, payload: bytes(1_000) })
    const begun = heard(rig)
    socket.write(join(whole, message.slice(0, 900)))
    await begun
    rig.pass(9)
    const ended = heard(rig)
    socket.write(message.slice(900))
    await ended
    expect(rig.seen[0]?.closed).toBe(0)
    socket.destroy()
  })
})

test('[WS11] where unfinished messages fill the room, the address that holds most gives up its largest', async () => {
  await using rig = await startRig({ trustProxy: 1, limits: { receptionBytes: 100_000 } })
  const heard: string[] = []
  const begin = async (address: string, size: number): Promise<{ rest: () => void; socket: Socket }> => {
    const socket = await rig.raw('/y/a', `X-Forwarded-For: ${address}\r\n`)
    const message = clientFrame({ opcode: 2, payload: bytes(60_000) })
    const read = new Promise<void>((done) => {
      rig.onMessage = () => done()
    })
    socket.write(join(clientFrame({ opcode: 2, payload: bytes(1) }), message.slice(0, size)))
    await read
    return { socket, rest: () => void socket.write(message.slice(size)) }
  }
  const modest = await begin('1.1.1.1', 45_000)
  const greedy = [await begin('6.6.6.6', 20_000), await begin('6.6.6.6', 30_000)]
  const ended = readToEnd(greedy[1]?.socket as Socket)
  const newcomer = await begin('2.2.2.2', 10_000)
  expect(framesIn(await ended).at(-1)).toEqual({
    first: 0x88,
    payload: Buffer.of(1013 >> 8, 1013 & 255)
  })
  const whole = new Promise<void>((done) => {
    rig.onMessage = ({ address }) => {
      heard.push(address)
      if (heard.length === 2) done()
    }
  })
  newcomer.rest()
  modest.rest()
  await whole
  expect(heard.sort()).toEqual(['1.1.1.1', '2.2.2.2'])
  for (const { socket } of [modest, newcomer, ...greedy]) socket.destroy()
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
