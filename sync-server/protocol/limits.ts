import { CHALLENGE_LIFETIME_MS, MAX_ROOTS_PER_SOCKET } from '#core/limits.ts'
import type { Rate } from './bucket.ts'

/** What one socket may ask of a relay. A host may raise or lower each. */
export interface SocketLimits {
  readonly channels: number
  readonly shardsPerChannel: number
  readonly challengeMs: number
  /** A socket that has not proven itself for any root by then is closed. */
  readonly helloMs: number
  /** A socket that has not read for so long is closed. */
  readonly slowMs: number
  /** Unread bytes at which the relay stops sending entries to a socket and lets it pull. */
  readonly bufferBytes: number
  /** Unread bytes at which a socket that keeps asking is closed. */
  readonly hardBufferBytes: number
  /** Entries read from the store at a time. */
  readonly pageBytes: number
  readonly frames: Rate
  readonly bytes: Rate
  /** Refused frames a socket may cause before it is closed. */
  readonly refusals: Rate
  readonly pendingPushes: number
  readonly pendingBytes: number
  /** A snapshot whose chunks stop coming for so long is given up. */
  readonly assemblyMs: number
}

export const SOCKET_LIMITS: SocketLimits = {
  channels: MAX_ROOTS_PER_SOCKET,
  shardsPerChannel: 512,
  challengeMs: CHALLENGE_LIFETIME_MS,
  helloMs: 30_000,
  slowMs: 60_000,
  bufferBytes: 1_000_000,
  hardBufferBytes: 4_000_000,
  pageBytes: 256_000,
  frames: { perSecond: 500, burst: 5_000 },
  // A whole snapshot may come at once.
  bytes: { perSecond: 4_000_000, burst: 80_000_000 },
  refusals: { perSecond: 2, burst: 200 },
  pendingPushes: 64,
  pendingBytes: 8_000_000,
  assemblyMs: 60_000
}
