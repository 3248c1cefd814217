import type { Duplex } from 'node:stream'
import type { ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import type { Reception } from './assembly.ts'

export interface SocketLimits {
  /** Between two pings, and the time a peer has to answer. */
  readonly heartbeatSeconds: number
  /** From our close to the end of the connection, whoever is to blame. */
  readonly closeSeconds: number
  /** Bytes in reception of unfinished messages, all sockets together. */
  readonly receptionBytes: number
  /** A message that is longer under way must have come at `paceBytes` a second at least… */
  readonly graceSeconds: number
  readonly paceBytes: number
  /** …and be whole by then. */
  readonly messageSeconds: number
  /** Pings and pongs of one socket in a second. */
  readonly controlFrames: number
  /** A message may come in so many fragments, and in one more for each `fragmentBytes` of it. */
  readonly fragments: number
  readonly fragmentBytes: number
}

export const WEBSOCKET_LIMITS: SocketLimits = {
  heartbeatSeconds: 30,
  closeSeconds: 10,
  receptionBytes: 256_000_000,
  graceSeconds: 20,
  paceBytes: 16_384,
  messageSeconds: 600,
  controlFrames: 32,
  fragments: 64,
  fragmentBytes: 1_024
}

export interface Acceptance {
  /** What answers the handshake. */
  readonly response: string
  /** What the client sent behind its request. */
  readonly head: Uint8Array
  readonly messageBytes: number
  /** Of the peer, as limits count it. */
  readonly address: string
  /** Gives the socket to whoever speaks over it. */
  connect(socket: SharingSocketPort, address: string): ConnectionHandle
}

export interface WebSocketsOptions {
  readonly limits?: Partial<SocketLimits>
  /** Runs once after `ms`, or with 0 when the work at hand is done. @returns cancels it */
  readonly after: (ms: number, run: () => void) => () => void
  /** A connection is gone. */
  readonly onGone: (address: string) => void
  /** Each second. */
  readonly second?: () => void
  /** A peer broke a rule of the protocol or of its limits. */
  readonly onBroken?: (code: number) => void
}

export interface WebSockets {
  accept(socket: Duplex, acceptance: Acceptance): void
  readonly reception: Reception
  /** Bytes that peers have not taken, all sockets together. Walks them all: for a look now and then. */
  bufferedBytes(): number
  /** Seconds since the beginning. */
  now(): number
  /** Breaks all connections off. */
  stop(): void
}
