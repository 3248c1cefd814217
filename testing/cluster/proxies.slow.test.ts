import { join } from 'node:path'
import { entropyToMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { OPEN_CLOSE } from '#core/close-codes.ts'
import { createStockClient, eventually } from '#testing/interop/stock-client.ts'
import { createRandom } from '#testing/random.ts'
import { freePort } from '#testing/services/service-process.ts'
import { enter } from '#testing/spec-client/client.ts'
import { temporaryFolder } from '#testing/wire/relay-process.ts'
import { PROXIES, startProxy, type WebProxy } from './proxies.ts'
import { openRelay, type Relay, readMetric } from './relays.ts'

const ROOMS = 8
const SOCKETS = 3
const PER_ADDRESS = 40
const JOURNAL = 'journal/2026/0'

const joinsOf = (relays: readonly Relay[]): Promise<number[]> =>
  Promise.all(relays.map((relay) => (relay.isRunning() ? readMetric(relay, 'council_joins_total') : 0)))

/** Resolves with the close code of a socket that is refused in the room, or 0 once it is entered. */
const knock = (
  origin: string,
  room: string,
  localAddress: string,
  headers: Readonly<Record<string, string>> = {}
): Promise<{ code: number; socket: WebSocket }> =>
  new Promise((resolve, reject) => {
    const url = `${origin.replace('http://localhost', 'ws://127.0.0.1')}/y/${room}`
    const socket = new WebSocket(url, { localAddress, headers })
    socket.on('error', reject)
    // The relay's sync step 1: the room is entered. Refused, it says so by message type 2 and closes.
    socket.on('message', (data: Buffer) => data[0] === 0 && resolve({ code: 0, socket }))
    socket.on('close', (code) => resolve({ code, socket }))
  })

describe.each(PROXIES)('two relays behind %s, as deploy/ sets it up', (name) => {
  const relays: Relay[] = []
  const disposables: AsyncDisposable[] = []
  let proxy: WebProxy

  beforeAll(async () => {
    const folder = await temporaryFolder()
    disposables.push(folder)
    const port = await freePort()
    for (const at of [1, 2]) {
      const env = {
        PUBLIC_URL: `http://localhost:${port}`,
        TRUST_PROXY: '1',
        METRICS: 'public',
        CONNECTIONS_PER_ADDRESS: `${PER_ADDRESS}`
      }
      relays.push(
        await openRelay({ port: await freePort(), databasePath: join(folder.path, `${at}`, 'council.db'), env })
      )
    }
    proxy = await startProxy(
      name,
      port,
      relays.map((relay) => relay.port)
    )
    disposables.push(proxy)
    await eventually(() => relays.every((relay) => relay.isRunning()))
  })

  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.kill()))
    for (const each of disposables.reverse()) await each[Symbol.asyncDispose]()
  })

  /** Which relay a room's sockets came to: one number a socket, of which relay. */
  const whereTo = async (room: string, query: (socket: number) => string = () => ''): Promise<number[]> => {
    const places: number[] = []
    for (let each = 0; each < SOCKETS; each++) {
      const before = await joinsOf(relays)
      const { code, socket } = await knock(proxy.origin, `${room}${query(each)}`, '127.0.0.1')
      expect(code).toBe(0)
      const after = await joinsOf(relays)
      places.push(after.findIndex((count, i) => count > (before[i] ?? 0)))
      socket.terminate()
    }
    return places
  }

  test('a room stays at one relay while both are well, and the rooms are shared out', async () => {
    const used = new Set<number>()
    for (let room = 0; room < ROOMS; room++) {
      const places = await whereTo(`room ${room}/with a slash`)
      expect(new Set(places).size, `room ${room} at ${places}`).toBe(1)
      used.add(places[0] ?? -1)
    }
    expect([...used].sort()).toEqual([0, 1])
  })

  test('WebSockets carry both ways, open and sealed, under the proxy’s own address', async () => {
    const a = createStockClient('3.1', proxy.origin, 'both ways')
    const b = createStockClient('1.5', proxy.origin, 'both ways')
    await eventually(() => a.provider.synced && b.provider.synced)
    a.write('from a')
    await eventually(() => b.text() === 'from a')
    b.write(', from b')
    await eventually(() => a.text() === 'from a, from b')
    a[Symbol.dispose]()
    b[Symbol.dispose]()

    const phrase = entropyToMnemonic(createRandom(9).bytes(16), wordlist)
    const device = await enter(`${proxy.origin.replace('http', 'ws')}/sealed`, phrase)
    const doc = new Y.Doc()
    doc.getText('text').insert(0, 'kept')
    await device.push(JOURNAL, Y.encodeStateAsUpdate(doc))
    const shard = await device.pull(JOURNAL)
    expect(shard.doc.getText('text').toString()).toBe('kept')
    device.close()
  })

  test('limits count the people, not the proxy and not whom they say to be', async () => {
    const sockets: WebSocket[] = []
    let claims = 0
    const come = async (from: string): Promise<number> => {
      const claim = { 'x-forwarded-for': `10.0.0.${claims++}` }
      const { code, socket } = await knock(proxy.origin, 'crowded', from, claim)
      sockets.push(socket)
      return code
    }
    const crowd = await Promise.all(Array.from({ length: PER_ADDRESS }, () => come('127.0.0.2')))
    expect(new Set(crowd)).toEqual(new Set([0]))
    expect(await come('127.0.0.2')).toBe(OPEN_CLOSE.rate)
    expect(await come('127.0.0.3')).toBe(0)
    for (const socket of sockets) socket.terminate()
  })

  test('a relay that dies: its people go on at the other, and come back to it when it is back', async () => {
    const a = createStockClient('3.1', proxy.origin, 'failover')
    const b = createStockClient('2.1', proxy.origin, 'failover')
    await eventually(() => a.provider.synced && b.provider.synced)
    const [home = 0] = await whereTo('failover')
    await relays[home]?.kill()
    const began = performance.now()
    a.write('written while it is dead')
    await eventually(
      () => b.text() === 'written while it is dead' && a.provider.wsconnected,
      () => `${b.text()} ${proxy.output().slice(-2_000)}`
    )
    console.log(`${name}: in step again ${Math.round(performance.now() - began)} ms after kill -9`)
    expect(new Set(await whereTo('failover'))).toEqual(new Set([1 - home]))
    b.write(', and answered')
    await eventually(() => a.text().endsWith(', and answered'))
    await relays[home]?.start()
    // Where it was hashed to before. Until then both work: those who stayed stay, and any relay serves any room.
    const isBack = async (): Promise<boolean> => (await whereTo('failover')).every((each) => each === home)
    while (!(await isBack())) await new Promise((resolve) => setTimeout(resolve, 250))
    a[Symbol.dispose]()
    b[Symbol.dispose]()
  })
  // The others find out when somebody gives up (docs/host.md, The proxy).
  if (name !== 'haproxy') return
  test('a relay that hangs loses its sockets, so that its people go on at the other', async () => {
    const a = createStockClient('3.1', proxy.origin, 'hanging')
    const b = createStockClient('1.5', proxy.origin, 'hanging')
    await eventually(() => a.provider.synced && b.provider.synced)
    const [home = 0] = await whereTo('hanging')
    relays[home]?.process().freeze()
    const began = performance.now()
    a.write('written while it hangs')
    await eventually(() => b.text() === 'written while it hangs')
    console.log(`${name}: in step again ${Math.round(performance.now() - began)} ms after SIGSTOP`)
    relays[home]?.process().thaw()
    a[Symbol.dispose]()
    b[Symbol.dispose]()
  })
})
