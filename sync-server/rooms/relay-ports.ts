import type { Sha256 } from '#core/chain.ts'
import type { RefusalName } from '#core/refusal.ts'
import type { Rate } from '#server/protocol/bucket.ts'
import type { Effect } from '#server/protocol/effects.ts'
import { SOCKET_LIMITS, type SocketLimits } from '#server/protocol/limits.ts'
import type { Bus, EntryLog } from './ports.ts'

/** What a relay is made of. All time, randomness, signatures and sockets are arguments. */

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number
  /** Runs once after `ms` (0: when the work at hand is done). @returns cancels it. */
  after(ms: number, run: () => void): () => void
}

/** One WebSocket, as little of it as the relay needs. All that is sent within one turn of the event loop leaves as one write. */
export interface SocketPort {
  /** @returns bytes the peer has not yet taken, these included. */
  send(bytes: Uint8Array): number
  /** As `send`, of what others get too: the message is framed once for all. */
  sendPrepared?(message: Prepared): number
  close(code: number): void
}

/** A message made once for any number of sockets; whoever owns the sockets frames it once, by this object's identity. */
export interface Prepared {
  readonly bytes: Uint8Array
}

export interface SharingSocketPort extends SocketPort {
  /**
   * Sends a message that others get too. A large one goes out in continuation frames at the pace of the socket, from the
   * shared bytes: only what this socket holds apart counts. @returns as send
   */
  sendPrepared(message: Prepared): number
}

/** What the owner of the socket tells the relay. */
export interface ConnectionHandle {
  message(bytes: Uint8Array): void
  /** The peer has taken everything that was sent. */
  drained(): void
  closed(): void
}

export interface RelayKeys {
  /** Ed25519 public key, 32 bytes: what devices pin. */
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Promise<Uint8Array>
}

export interface RelayLimits extends SocketLimits {
  readonly connectionsPerAddress: number
  /** Bytes pushed to one root, all its sockets together. */
  readonly rootBytes: Rate
  /** Roots begun, or erased unseen, from one address. */
  readonly newRoots: Rate
  /** Longest wait for company before a commit that could begin at once; at most 10. */
  readonly commitWindowMs: number
  readonly batchBytes: number
  readonly queueBytes: number
  /** Snapshots in reception, all sockets together. */
  readonly assemblyBytes: number
  readonly presenceMs: number
}

export const RELAY_LIMITS: RelayLimits = {
  ...SOCKET_LIMITS,
  connectionsPerAddress: 256,
  rootBytes: { perSecond: 4_000_000, burst: 80_000_000 },
  newRoots: { perSecond: 1, burst: 2_000 },
  commitWindowMs: 0,
  batchBytes: 8_000_000,
  queueBytes: 64_000_000,
  assemblyBytes: 256_000_000,
  presenceMs: 50
}

/** What was taken and is not durable yet. */
export interface QueueReading {
  readonly bytes: number
  /** When the oldest of it came, milliseconds since 1970 UTC; 0 = nothing waits. */
  readonly oldestAt: number
}

export type RelayNews =
  | { readonly kind: 'connections'; readonly open: number }
  | { readonly kind: 'refused'; readonly name: RefusalName }
  | { readonly kind: 'closed'; readonly code: number }
  | { readonly kind: 'committed'; readonly pushes: number; readonly bytes: number; readonly ms: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'erased' }
  /** A socket was asked to breathe. */
  | { readonly kind: 'paused' }

export interface RelayOptions {
  readonly log: EntryLog
  /** Used where the store is shared. */
  readonly bus: Bus
  /**
   * Whether other relays write to the same store. Then the bus is used, and the store is asked every second or (while the bus hears the
   * others) every ten for what somebody here listens to. Absent: this is its only relay.
   */
  readonly isShared?: boolean
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  /** Ed25519 (RFC 8032). False for a key or signature that is not one. */
  readonly verify: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>
  readonly sha256: Sha256
  readonly keys: RelayKeys
  /** Host texts as devices dial them: lower case, with a port unless it is the scheme's default. */
  readonly addresses: ReadonlySet<string>
  readonly limits?: Partial<RelayLimits>
  /** Who may begin a root here, by what AUTH carries. Absent: everybody. */
  readonly admit?: (admission: string) => boolean
  /** Days until the host's backups no longer hold what was erased. */
  readonly backupDays?: number
  /** Whether the machine is behind with its work. */
  readonly isOverloaded?: () => boolean
  readonly onNews?: (news: RelayNews) => void
  /** Called before each effect: where a test stops the relay. */
  readonly onEffect?: (effect: Effect) => void
}

export interface Relay {
  /** @param address of the peer, for limits: what TRUST_PROXY says it is. */
  connect(socket: SocketPort, address: string): ConnectionHandle
  waiting(): QueueReading
  /** GOAWAY to all, what was taken is finished, then every socket is closed. */
  drain(retryAfterMs: number): Promise<void>
  /** Stops at once, as a crash would: nothing more is sent, stored or scheduled. */
  halt(): void
}
