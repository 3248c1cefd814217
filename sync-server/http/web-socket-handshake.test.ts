import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { startRig, UPGRADE } from './web-socket-rig.fixture.ts'

const answerOf = async (socket: WebSocket): Promise<IncomingMessage> => {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  socket.terminate()
  return response
}

/** The answer to bytes that no client library would send. */
const answerTo = async (port: number, request: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return data.toString('latin1')
}

/** However it was broken off. */
const ended = (socket: Socket): Promise<unknown> =>
  new Promise((done) => {
    socket
      .on('error', () => {})
      .on('close', done)
      .resume()
  })

describe('[WS1] the handshake', () => {
  test('answers the key as RFC 6455 computes it, and agrees on no extension', async () => {
    await using rig = await startRig()
    const offer = 'Sec-WebSocket-Extensions: permessage-deflate\r\n'
    const answer = await answerTo(rig.port, UPGRADE('/y/a', offer))
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
    expect(answer.toLowerCase()).not.toContain('extensions')
  })

  test('chooses the subprotocol that is ours, else the first, else none', async () => {
    await using rig = await startRig()
    for (const [path, offered, chosen] of [
      ['/sealed', ['x', 'council.sealed.1'], 'council.sealed.1'],
      ['/sealed', ['x', 'y'], 'x'],
      ['/y/a', ['x', 'y'], 'x'],
      ['/y/a', [], '']
    ] as const) {
      const socket = rig.dial(path, [...offered])
      await once(socket, 'open')
      expect(socket.protocol).toBe(chosen)
      expect(socket.extensions).toBe('')
      socket.terminate()
    }
  })

  test('is refused with 400 or 426 where it is not one', async () => {
    await using rig = await startRig()
    const good = UPGRADE('/y/a')
    for (const [from, to, status] of [
      ['Version: 13', 'Version: 8', '426'],
      ['Version: 13', 'Version: 14', '426'],
      ['dGhlIHNhbXBsZSBub25jZQ==', 'short', '400'],
      ['Upgrade: websocket', 'Upgrade: h2c', '400'],
      ['GET', 'POST', '400'],
      ['Host: x', 'Host: x\r\nSec-WebSocket-Protocol: a,,b', '400'],
      ['Host: x', 'Host: x\r\nSec-WebSocket-Protocol: a, a', '400']
    ] as const) {
      const answer = await answerTo(rig.port, good.replace(from, to))
      expect(answer, to).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      expect(answer.includes('Sec-WebSocket-Version: 13')).toBe(status === '426')
    }
    expect(rig.seen).toHaveLength(0)
  })
})

describe('[WS2] paths', () => {
  test('lead to the sealed log and to open rooms', async () => {
    await using rig = await startRig()
    rig.dial('/sealed?x=1', ['council.sealed.1'], { origin: 'https://own.example' })
    expect((await rig.arrived(1)).endpoint).toBe('sealed')
    rig.dial('/y/notes/%C3%A4%2Fb?token=a%2Bb.c&x=y', [], { origin: 'https://else.example' })
    expect((await rig.arrived(2)).request).toEqual({
      path: 'notes/%C3%A4%2Fb',
      token: 'a+b.c',
      origin: 'https://else.example',
      address: '127.0.0.1'
    })
    rig.dial('/y/plain')
    expect((await rig.arrived(3)).request).toMatchObject({ path: 'plain', token: undefined, origin: undefined })
  })

  test('that lead nowhere answer 404, a foreign page at the sealed log 403', async () => {
    await using rig = await startRig()
    for (const path of ['/y', '/y/', '/y/?token=x', '/', '/sealed/', '/sealedx', '/healthz']) {
      expect((await answerOf(rig.dial(path))).statusCode, path).toBe(404)
    }
    const foreign = rig.dial('/sealed', ['council.sealed.1'], { origin: 'https://evil.example' })
    expect((await answerOf(foreign)).statusCode).toBe(403)
    expect(rig.seen).toHaveLength(0)
    expect(rig.news).toContainEqual({ kind: 'refused', status: 403 })
  })

  test('a sealed device without the subprotocol is closed with 4426', async () => {
    await using rig = await startRig()
    expect((await once(rig.dial('/sealed', ['council.sealed.99']), 'close'))[0]).toBe(4426)
    expect((await once(rig.dial('/sealed'), 'close'))[0]).toBe(4426)
    expect(rig.seen).toHaveLength(0)
  })
})

describe('[WS17] one address', () => {
  test('has so many sockets open, both endpoints together; the next is refused with 429', async () => {
    await using rig = await startRig({ limits: { connectionsPerAddress: 2 } })
    const first = rig.dial('/y/a')
    rig.dial('/sealed', ['council.sealed.1'])
    await rig.arrived(2)
    const answer = await answerOf(rig.dial('/y/a'))
    expect(answer.statusCode).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    first.terminate()
    await rig.seen[0]?.ended
    rig.dial('/y/a')
    await rig.arrived(3)
  })

  test('opens new ones at a rate, whatever it says of itself', async () => {
    await using rig = await startRig({ limits: { connectionsPerAddress: 2 } })
    for (let i = 0; i < 4; i++) {
      const socket = rig.dial('/y/a')
      const { ended } = await rig.arrived(i + 1)
      socket.terminate()
      await ended
    }
    const answer = await answerOf(rig.dial('/y/a', [], { headers: { 'x-forwarded-for': '9.9.9.9' } }))
    expect(answer.statusCode).toBe(429)
    rig.pass(10)
    rig.dial('/y/a')
    await rig.arrived(5)
  })

  test('is the one a trusted proxy names', async () => {
    await using rig = await startRig({ trustProxy: 1, limits: { connectionsPerAddress: 1 } })
    const from = (address: string) => rig.dial('/y/a', [], { headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } })
    from('1.1.1.1')
    expect((await rig.arrived(1)).address).toBe('1.1.1.1')
    from('2.2.2.2')
    await rig.arrived(2)
    expect((await answerOf(from('1.1.1.1'))).statusCode).toBe(429)
  })
})

test('[WS18] behind with its work, the relay answers 503 and when to come back, not all at once', async () => {
  let isOverloaded = true
  let random = 0
  await using rig = await startRig({ isOverloaded: () => isOverloaded, random: () => random })
  const early = await answerOf(rig.dial('/y/a'))
  random = 0.99
  const late = await answerOf(rig.dial('/sealed', ['council.sealed.1']))
  expect([early.statusCode, late.statusCode]).toEqual([503, 503])
  expect(Number(late.headers['retry-after'])).toBeGreaterThan(Number(early.headers['retry-after']))
  isOverloaded = false
  rig.dial('/y/a')
  await rig.arrived(1)
})

describe('[WS19] connections that have not said what they want', () => {
  test('are broken off after ten seconds, whatever they dribble', async () => {
    await using rig = await startRig()
    const silent = connect(rig.port, '127.0.0.1')
    const dribbling = connect(rig.port, '127.0.0.1')
    dribbling.write('GET /y/a HTTP/1.1\r\nHo')
    const quick = await rig.raw()
    const open = [silent, dribbling].map((socket) => ended(socket))
    await rig.arrived(1)
    rig.pass(9)
    dribbling.write('st:')
    expect(silent.destroyed || dribbling.destroyed).toBe(false)
    rig.pass(2)
    await Promise.all(open)
    expect(quick.destroyed).toBe(false)
  })

  test('are bounded, all together and each address', async () => {
    await using rig = await startRig({ limits: { connectionsPerAddress: 3 } })
    const sockets = Array.from({ length: 3 }, () => connect(rig.port, '127.0.0.1'))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    await ended(connect(rig.port, '127.0.0.1'))
    sockets[0]?.write(UPGRADE('/y/a'))
    await rig.arrived(1)
    const next = await rig.raw()
    expect(next.destroyed).toBe(false)
    for (const socket of sockets) socket.destroy()
  })
})
