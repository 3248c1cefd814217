import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { CLOSE, SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import type { OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import type { ConnectionHandle, Relay, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import { peerAddress } from './peer-address.ts'
import { acceptance, type HttpRefusal, type Offer, readOffer, refusal } from './websocket/handshake.ts'
import { createDoorkeeper, createThreshold, NEWCOMER_LIMITS, type NewcomerLimits } from './websocket/newcomers.ts'
import { createWebSockets } from './websocket/web-sockets.ts'
import type { SocketLimits } from './websocket/web-sockets-ports.ts'

export interface WebSocketServerOptions {
  readonly relay: Pick<Relay, 'connect'>
  /** Absent: no open rooms here. */
  readonly openRelay?: Pick<OpenRelay, 'connect'>
  /** The largest message of an open room. */
  readonly openMessageBytes?: number
  readonly trustProxy: number
  /** Pages that may speak the sealed log. A program sends no Origin and may. */
  readonly isAllowedOrigin: (origin: string) => boolean
  /** Runs once after `ms`, or with 0 when the work at hand is done. @returns cancels it */
  readonly after: (ms: number, run: () => void) => () => void
  /** From 0 to below 1. */
  readonly random: () => number
  /** Whether the machine is behind with its work. */
  readonly isOverloaded?: () => boolean
  readonly limits?: Partial<SocketLimits & NewcomerLimits>
  readonly onNews?: (news: WebSocketNews) => void
}

export type WebSocketNews =
  /** At the handshake, by HTTP status. */
  | { readonly kind: 'refused'; readonly status: number }
  /** By this layer and not by a relay: the peer broke a rule. */
  | { readonly kind: 'broken'; readonly code: number }

/** What a request asks for, once its path is known. */
interface Route {
  readonly messageBytes: number
  /** The subprotocol that is agreed on. */
  readonly protocol: string | undefined
  readonly connect: (socket: SharingSocketPort, address: string) => ConnectionHandle
}

const OPEN_MESSAGE_BYTES = 64_000_000
const OPEN_PREFIX = '/y/'
const NOBODY: ConnectionHandle = { message() {}, drained() {}, closed() {} }
const NOT_FOUND: HttpRefusal = { status: '404 Not Found' }
/** Long enough to matter, short enough that a person waits for it. */
const OVERLOAD_SECONDS = 5

const isOurs = (protocol: string): boolean => (SEALED_SUBPROTOCOLS as readonly string[]).includes(protocol)

const sealedRoute = ({ protocols }: Offer, relay: WebSocketServerOptions['relay']): Route => ({
  messageBytes: MAX_FRAME_BYTES,
  // One nobody shares is taken all the same, so that the device gets a close code it can read.
  protocol: protocols.find(isOurs) ?? protocols[0],
  connect(socket, address) {
    if (protocols.some(isOurs)) return relay.connect(socket, address)
    socket.close(CLOSE.version)
    return NOBODY
  }
})

/** @param path after the prefix, with the query */
const openRoute = (
  path: string,
  origin: string | undefined,
  { protocols }: Offer,
  { openRelay, openMessageBytes = OPEN_MESSAGE_BYTES }: WebSocketServerOptions
): Route | HttpRefusal => {
  const [name = '', query = ''] = splitOnce(path, '?')
  if (openRelay === undefined || name === '') return NOT_FOUND
  const token = query === '' ? undefined : (new URLSearchParams(query).get('token') ?? undefined)
  return {
    messageBytes: openMessageBytes,
    protocol: protocols[0],
    connect: (socket, address) => openRelay.connect(socket, { path: name, token, origin, address })
  }
}

const splitOnce = (text: string, separator: string): readonly string[] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const chooseRoute = (request: IncomingMessage, options: WebSocketServerOptions): Route | HttpRefusal => {
  const { url = '', headers } = request
  const isSealed = splitOnce(url, '?')[0] === '/sealed'
  if (!isSealed && !url.startsWith(OPEN_PREFIX)) return NOT_FOUND
  if (isSealed && headers.origin !== undefined && !options.isAllowedOrigin(headers.origin))
    return { status: '403 Forbidden' }
  const offer = readOffer(request)
  if ('status' in offer) return offer
  return isSealed
    ? sealedRoute(offer, options.relay)
    : openRoute(url.slice(OPEN_PREFIX.length), headers.origin, offer, options)
}

const retry = (status: string, seconds: number, random: () => number): HttpRefusal => ({
  status,
  // Spread, or all come back together.
  headers: { 'Retry-After': String(Math.ceil(seconds * (1 + random()))) }
})

export interface ServedSockets {
  /** Bytes that peers have not taken. */
  bufferedBytes(): number
  /** Bytes of messages that are not whole yet. */
  receptionBytes(): number
  /** Takes no more sockets and breaks off those that are left. */
  stop(): void
}

/** Serves both endpoints on an HTTP server. */
export const serveWebSockets = (server: Server, options: WebSocketServerOptions): ServedSockets => {
  const { after, random, isOverloaded = () => false, onNews = () => {} } = options
  const limits: NewcomerLimits = { ...NEWCOMER_LIMITS, ...options.limits }
  const sockets = createWebSockets({
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    after,
    onGone: (address) => doorkeeper.leave(address),
    onBroken: (code) => onNews({ kind: 'broken', code }),
    second() {
      threshold.sweep()
      doorkeeper.sweep()
    }
  })
  const doorkeeper = createDoorkeeper(limits.connectionsPerAddress, sockets.now)
  const perDirectPeer = options.trustProxy === 0 ? limits.connectionsPerAddress : limits.handshakes
  const threshold = createThreshold(limits, perDirectPeer, sockets.now)

  const refuse = (socket: Duplex, answer: HttpRefusal): void => {
    onNews({ kind: 'refused', status: Number.parseInt(answer.status, 10) })
    socket.end(refusal(answer))
    // Who does not take the answer is not waited for.
    after(1_000, () => socket.destroy())
  }

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Its close follows and says all there is to say.
    socket.on('error', ignore)
    threshold.pass(request.socket)
    if (isOverloaded()) {
      refuse(socket, retry('503 Service Unavailable', OVERLOAD_SECONDS, random))
      return
    }
    const route = chooseRoute(request, options)
    if ('status' in route) {
      refuse(socket, route)
      return
    }
    const address = peerAddress(request, options.trustProxy)
    const wait = doorkeeper.admit(address)
    if (wait > 0) refuse(socket, retry('429 Too Many Requests', wait, random))
    else accept(request, socket, head, route, address)
  }
  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer, route: Route, address: string): void => {
    const key = request.headers['sec-websocket-key'] ?? ''
    sockets.accept(socket, {
      response: acceptance(key, route.protocol),
      head,
      messageBytes: route.messageBytes,
      address,
      connect: route.connect
    })
  }
  const onConnection = (socket: Socket): void => threshold.enter(socket)
  const onRequest = (request: IncomingMessage): void => threshold.pass(request.socket)

  server.on('upgrade', onUpgrade).on('connection', onConnection).on('request', onRequest)
  return {
    bufferedBytes: sockets.bufferedBytes,
    receptionBytes: () => sockets.reception.bytes,
    stop() {
      server.off('upgrade', onUpgrade).off('connection', onConnection).off('request', onRequest)
      sockets.stop()
    }
  }
}

const ignore = (): void => {}
