import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { bytes, framesIn, readToEnd } from './web-socket-bytes.fixture.ts'
import { type Rig, startRig } from './web-socket-rig.fixture.ts'
import { clientFrame, join } from './websocket/inbound.fixture.ts'

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

test('[WS11] a message given up gives its room back, however its socket ended', async () => {
  await using rig = await startRig()
  const begun = join(clientFrame({ opcode: 2, payload: bytes(1) }), clientFrame({ opcode: 2, payload: bytes(60_000) }))
  for (const leave of [
    (socket: Socket) => socket.resetAndDestroy(),
    (socket: Socket) => socket.end(),
    () => rig.seen.at(-1)?.port.close(4400)
  ]) {
    const socket = await rig.raw()
    const read = new Promise<void>((done) => {
      rig.onMessage = () => done()
    })
    socket.write(begun.slice(0, 10_000))
    await read
    expect(rig.served.receptionBytes()).toBeGreaterThan(9_000)
    leave(socket)
    rig.pass(10)
    await rig.seen.at(-1)?.ended
    // It is told of at the end of what was said, before the connection itself is gone.
    while (rig.served.receptionBytes() > 0) await new Promise((done) => setImmediate(done))
    socket.destroy()
  }
})
