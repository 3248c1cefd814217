import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { CLOSE, SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import type { Relay } from '#server/rooms/relay-ports.ts'
import { peerAddress } from './peer-address.ts'

export interface SealedSocketOptions {
  readonly relay: Relay
  readonly trustProxy: number
  /** Pages that may connect. A program sends no Origin and may. */
  readonly isAllowedOrigin: (origin: string) => boolean
}

/** A peer that answers no ping for so long is gone, though nobody said so. */
const HEARTBEAT_MS = 30_000

const refuse = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

const isOurs = (protocol: string): boolean => (SEALED_SUBPROTOCOLS as readonly string[]).includes(protocol)

const serveSocket = (socket: WebSocket, address: string, relay: Relay): void => {
  if (!isOurs(socket.protocol)) {
    socket.close(CLOSE.version)
    return
  }
  const handle = relay.connect(
    {
      send(bytes) {
        socket.send(bytes, () => {
          if (socket.bufferedAmount === 0) handle.drained()
        })
        return socket.bufferedAmount
      },
      close: (code) => socket.close(code)
    },
    address
  )
  socket.on('message', (data, isBinary) => {
    if (isBinary && Buffer.isBuffer(data)) handle.message(data)
    else socket.close(CLOSE.malformed)
  })
  socket.on('close', () => handle.closed())
  // The close that follows says what is to be done; a peer that breaks the rules of WebSocket is no news.
  socket.on('error', () => handle.closed())
}

const keepAlive = (sockets: WebSocketServer): NodeJS.Timeout => {
  const answered = new WeakSet<WebSocket>()
  sockets.on('connection', (socket) => {
    answered.add(socket)
    socket.on('pong', () => answered.add(socket))
  })
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!answered.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }, HEARTBEAT_MS)
  timer.unref()
  return timer
}

/** Serves /sealed on an HTTP server. @returns stops taking sockets and lets go of those that are left. */
export const serveSealedSockets = (server: Server, options: SealedSocketOptions): (() => void) => {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    // Ciphertext does not deflate, and a compressor per socket costs 300 kB.
    perMessageDeflate: false,
    // One nobody shares is taken all the same, so that the device gets a close code it can read.
    handleProtocols: (offered) => [...offered].find(isOurs) ?? [...offered][0] ?? false
  })
  const timer = keepAlive(sockets)

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy())
    const { origin } = request.headers
    if (request.url?.split('?')[0] !== '/sealed') refuse(socket, '404 Not Found')
    else if (origin !== undefined && !options.isAllowedOrigin(origin)) refuse(socket, '403 Forbidden')
    else {
      sockets.handleUpgrade(request, socket, head, (opened) => {
        sockets.emit('connection', opened, request)
        serveSocket(opened, peerAddress(request, options.trustProxy), options.relay)
      })
    }
  }
  server.on('upgrade', onUpgrade)
  return () => {
    clearInterval(timer)
    server.off('upgrade', onUpgrade)
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  }
}
