import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLOSE, SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { openDatabase } from '#server/storage/sqlite/open-database.ts'
import { MIGRATIONS } from '#server/storage/sqlite/schema.ts'
import { type RelayProcess, startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'
import { refusalOf, type Wire } from '#testing/wire/wire.ts'

/** The real relay as a process, and a neighbour whose every push must go on being kept whatever the others do. */

const root = wireRoot('neighbour')
const shard = wireShard(1)

describe('a hostile peer harms nobody', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let relay: RelayProcess
  let neighbour: Wire
  let pushes = 0

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
    relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db'), env })
    neighbour = await relay.dial()
    await neighbour.enter(root, relay.host)
  }
  const neighbourIsServed = async (): Promise<void> => {
    pushes += 1
    neighbour.push(shard, [wireEntry()], pushes)
    expect(await neighbour.expect('ack')).toMatchObject({ ref: pushes, seqs: [pushes] })
  }

  beforeEach(async () => {
    folder = await temporaryFolder()
    pushes = 0
  })
  afterEach(async () => {
    expect(await relay.stop()).toBe(0)
    await folder[Symbol.asyncDispose]()
  })

  /** A TCP socket that answers with how it ended. */
  const raw = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(relay.origin).port) })
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const answerTo = async (socket: Socket): Promise<Buffer> => {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // Not events.once: a peer that resets the connection has ended it too.
    await new Promise((done) => socket.once('close', done))
    return Buffer.concat(chunks)
  }
  const upgraded = async (): Promise<Socket> => {
    const socket = await raw()
    const lines = [
      'GET /sealed HTTP/1.1',
      `Host: ${relay.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Sec-WebSocket-Protocol: ${SEALED_SUBPROTOCOLS[0]}`
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    const [head] = await once(socket, 'data')
    expect(String(head)).toContain('101')
    return socket
  }

  test('frames that break the rules of WebSocket end their own socket', async () => {
    await start()
    const mask = [1, 2, 3, 4]
    const broken: Record<string, readonly number[]> = {
      'not masked': [0x82, 0x01, 0x0a],
      'a reserved opcode': [0x83, 0x80, ...mask],
      'reserved bits': [0xf2, 0x80, ...mask],
      'a length above every bound': [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...mask],
      'a length above the frame bound': [0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, ...mask],
      'a fragmented control frame': [0x09, 0x80, ...mask],
      'a control frame too long': [0x89, 0xfe, 0x00, 0xff, ...mask],
      'a continuation of nothing': [0x80, 0x80, ...mask],
      'a close code that is none': [0x88, 0x82, ...mask, 1 ^ 0, 2 ^ 1]
    }
    for (const [name, bytes] of Object.entries(broken)) {
      const socket = await upgraded()
      const ended = answerTo(socket)
      socket.write(Uint8Array.from(bytes))
      const answer = await ended
      // A close frame or nothing: never an answer to what was not understood.
      expect(answer.byteLength === 0 || answer[0] === 0x88, name).toBe(true)
      await neighbourIsServed()
    }
  })

  test('a frame that is begun and never ended, and a head that never comes, hold up nobody', async () => {
    await start()
    const half = await upgraded()
    half.write(Uint8Array.from([0x82, 0xfe, 0x40, 0x00, 1, 2, 3, 4, 5]))
    const slow = await raw()
    slow.write('GET /sealed HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    const garbage = await raw()
    const refused = answerTo(garbage)
    garbage.write(Buffer.alloc(4_096, 0xff))
    expect(String(await refused)).toMatch(/^HTTP\/1\.1 400/)
    const long = await raw()
    const tooLong = answerTo(long)
    long.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(20_000)}\r\n\r\n`)
    expect(String(await tooLong)).toMatch(/^HTTP\/1\.1 431/)
    await neighbourIsServed()
    half.destroy()
    slow.destroy()
  })

  test('ten thousand sockets from one address: the allowed number stays, the rest is told why', async () => {
    await start({ CONNECTIONS_PER_ADDRESS: '50' })
    const codes = new Map<number, number>()
    const open = new Set<WebSocket>()
    const dial = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${relay.origin.replace('http', 'ws')}/sealed`, [...SEALED_SUBPROTOCOLS])
        open.add(socket)
        const end = (code: number): void => {
          if (open.delete(socket)) codes.set(code, (codes.get(code) ?? 0) + 1)
          resolve()
        }
        socket.on('error', () => undefined)
        socket.on('unexpected-response', (request, response) => {
          end(response.statusCode ?? 0)
          request.destroy()
        })
        socket.on('close', end)
        socket.on('open', () => resolve())
      })
    // Hundred at a time, as many as a small flood has on its way.
    for (let hundred = 0; hundred < 100; hundred++) await Promise.all(Array.from({ length: 100 }, dial))
    await neighbourIsServed()
    while (open.size > 49) await new Promise((resolve) => setTimeout(resolve, 10))
    // The first of them by a code that a page can read, a flood at the door.
    expect(new Set(codes.keys())).toEqual(new Set([CLOSE.rate, 429]))
    expect([...codes.values()].reduce((sum, count) => sum + count)).toBe(10_000 - 49)
    for (const socket of open) socket.terminate()
  })

  test('a full store refuses what is new by name, gives what it has, and stays ready', async () => {
    await start({ STORE_MEGABYTES: '1' })
    await neighbourIsServed()
    const flood = await relay.dial()
    await flood.enter(wireRoot('flood'), relay.host)
    let refusal: string | undefined
    for (let ref = 1; refusal === undefined && ref < 50; ref++) {
      flood.push(shard, [wireEntry('', { size: 100_000 })], ref)
      refusal = refusalOf(await flood.next())
    }
    expect(refusal).toBe('relay-full')
    neighbour.pull(shard)
    expect((await neighbour.expect('entries')).items.length).toBe(1)
    expect((await neighbour.expect('head')).seq).toBe(1)
    expect((await fetch(`${relay.origin}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${relay.origin}/metrics`)).text()).toMatch(
      /council_refusals_total\{name="relay-full"\} 1/
    )
  })
})

describe('what the relay cannot start with is one line and exit code 2', () => {
  const refusalOfStart = async (databasePath: string, env: Record<string, string> = {}): Promise<string> => {
    try {
      await (await startRelayProcess({ databasePath, env })).kill()
      return 'it started'
    } catch (cause) {
      return String(cause)
    }
  }

  test('a newer store, a bad DATABASE_URL, a folder in its place, a folder that cannot be made', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'council.db')
    openDatabase({ path, migrations: [...MIGRATIONS, 'CREATE TABLE later (x)'] }).close()
    expect(await refusalOfStart(path)).toMatch(/ended with 2: sacred-council: DATABASE_URL: [^\n]*newer relay[^\n]*\n$/)
    for (const url of ['postgress://x', 'sqlite:', 'council.db', 'sqlite:/tmp/x.db?synchronous=maybe'])
      expect(await refusalOfStart(path, { DATABASE_URL: url })).toMatch(
        /ended with 2: sacred-council: DATABASE_URL[^\n]*\n$/
      )
    const taken = join(folder.path, 'taken')
    await mkdir(taken)
    expect(await refusalOfStart(taken)).toMatch(/ended with 2: sacred-council: DATABASE_URL: [^\n]*\n$/)
    const file = join(folder.path, 'file')
    await writeFile(file, '')
    expect(await refusalOfStart(join(file, 'below', 'council.db'))).toMatch(
      /ended with 2: sacred-council: DATABASE_URL: [^\n]*\n$/
    )
    await rm(file)
  })
})
