import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { OpenRequest } from '#server/rooms/open/open-relay-ports.ts'
import type { ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import {
  type ServedSockets,
  serveWebSockets,
  type WebSocketNews,
  type WebSocketServerOptions
} from './web-socket-server.ts'

/** One socket as the relay behind the server sees it. */
export interface Seen {
  readonly endpoint: 'sealed' | 'open'
  readonly port: SharingSocketPort
  readonly address: string
  readonly request: OpenRequest | undefined
  readonly messages: Uint8Array[]
  drained: number
  closed: number
  /** Resolves when it is told that nobody is there. */
  readonly ended: Promise<void>
}

export interface Rig extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly server: Server
  readonly seen: Seen[]
  readonly news: WebSocketNews[]
  readonly served: ServedSockets
  /** What the relay does with each message: by default it keeps it. */
  onMessage: (seen: Seen, bytes: Uint8Array) => void
  onConnect: (seen: Seen) => void
  /** Time passes for the server: a second each. */
  pass(seconds: number): void
  dial(path: string, protocols?: string[], options?: { origin?: string; headers?: Record<string, string> }): WebSocket
  /** A socket that speaks bytes, with the handshake done. */
  raw(path?: string, headers?: string): Promise<Socket>
  /** Resolves when a socket has come to the relay. */
  arrived(count: number): Promise<Seen>
}

export const UPGRADE = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`

type Given = Partial<Omit<WebSocketServerOptions, 'relay' | 'openRelay' | 'after' | 'onNews'>>

/** @param server given where it is not the plain one */
export const startRig = async (given: Given = {}, server: Server = createServer()): Promise<Rig> => {
  const seen: Seen[] = []
  const news: WebSocketNews[] = []
  let waiting: { run: () => void }[] = []
  let onArrival = (): void => {}

  const after = (ms: number, run: () => void): (() => void) => {
    if (ms === 0) {
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
    const entry = { run }
    waiting.push(entry)
    return () => {
      waiting = waiting.filter((each) => each !== entry)
    }
  }

  const connection = (endpoint: Seen['endpoint'], port: SharingSocketPort, address: string, request?: OpenRequest) => {
    let end = (): void => {}
    const ended = new Promise<void>((done) => {
      end = done
    })
    const each: Seen = { endpoint, port, address, request, messages: [], drained: 0, closed: 0, ended }
    seen.push(each)
    rig.onConnect(each)
    onArrival()
    const handle: ConnectionHandle = {
      message: (bytes) => rig.onMessage(each, bytes),
      drained() {
        each.drained++
      },
      closed() {
        each.closed++
        end()
      }
    }
    return handle
  }

  const served = serveWebSockets(server, {
    trustProxy: 0,
    isAllowedOrigin: (origin) => origin === 'https://own.example',
    random: () => 0.5,
    ...given,
    after,
    relay: { connect: (port, address) => connection('sealed', port as SharingSocketPort, address) },
    openRelay: { connect: (port, request) => connection('open', port, request.address, request) },
    onNews: (each) => news.push(each)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}`

  const rig: Rig = {
    url,
    port,
    server,
    seen,
    news,
    served,
    onMessage: (each, bytes) => each.messages.push(bytes),
    onConnect() {},
    pass(seconds) {
      for (let i = 0; i < seconds; i++) for (const { run } of waiting.splice(0)) run()
    },
    dial(path, protocols = [], options = {}) {
      const socket = new WebSocket(`${url}${path}`, protocols, { perMessageDeflate: true, ...options })
      // Who looks at a refusal does so by `unexpected-response` or by the error itself.
      socket.on('error', () => {})
      return socket
    },
    async raw(path = '/y/raw', headers = '') {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(UPGRADE(path, headers))
      const [answer] = (await once(socket, 'data')) as [Buffer]
      if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString('latin1'))
      return socket
    },
    arrived: (count) =>
      new Promise((done) => {
        onArrival = () => {
          const last = seen[count - 1]
          if (last !== undefined) done(last)
        }
        onArrival()
      }),
    async [Symbol.asyncDispose]() {
      served.stop()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
  return rig
}

/** A client's messages one after the other, none lost however close they come. */
export const messagesOf = (socket: WebSocket): (() => Promise<Buffer>) => {
  const come: Buffer[] = []
  let wake = (): void => {}
  socket.on('message', (data: Buffer) => {
    come.push(data)
    wake()
  })
  return async () => {
    while (come.length === 0) {
      await new Promise<void>((done) => {
        wake = done
      })
    }
    return come.shift() as Buffer
  }
}
