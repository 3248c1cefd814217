import type { WriterCertificate } from '#core/certificate.ts'
import type { Sha256 } from '#core/chain.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import type { RefusalName } from '#core/refusal.ts'
import type { Bucket } from './bucket.ts'
import type { SocketLimits } from './limits.ts'

/**
 * One sealed connection as plain data: an event changes it and gives effects. The rooms perform the effects and bring answers. It is
 * changed in place: thousands of them, each made anew for every entry, would outlive V8's young generation and be what it collects.
 */

export interface Place {
  readonly seq: Seq
  readonly hash: Uint8Array
}

export interface PassedEntry extends Place {
  readonly bytes: Uint8Array
  readonly digest: Uint8Array
}

/** A part of a snapshot, which several connections may be sent at the same time. */
export interface PassedPart {
  readonly bytes: Uint8Array
  /** By channel: the message made of it. The first who needs one makes it. */
  readonly messages: Map<number, { readonly bytes: Uint8Array }>
}

export interface SnapshotPlace {
  readonly from: Seq
  readonly to: Seq
  readonly hashTo: Uint8Array
  readonly size: number
}

export interface ReadTail {
  readonly snapshot: SnapshotPlace | undefined
  readonly entries: readonly PassedEntry[]
  readonly head: Place
  readonly peers: number
}

/** A refusal as it goes on the wire. */
export interface Refused {
  readonly name: RefusalName
  readonly retryAfterMs?: number
  readonly detail?: Uint8Array
}

export type SubscriptionMode =
  /** Waits for its turn: one read a socket at a time bounds what a socket can make us hold. */
  | { readonly kind: 'queued'; readonly job: 'read' | 'head' }
  | { readonly kind: 'reading'; readonly job: 'read' | 'head' }
  | {
      readonly kind: 'snapshot'
      readonly next: number
      readonly tail: ReadTail
      readonly snapshot: SnapshotPlace
      readonly asked: boolean
    }
  /** At the head: new entries are passed on as they become durable. */
  | { readonly kind: 'live' }
  /** The socket was full: HEAD when it has drained. */
  | { readonly kind: 'parked' }
  /** HEAD named more than was sent: the device pulls on. */
  | { readonly kind: 'told' }

export interface Subscription {
  seq: Seq
  hash: Uint8Array
  readonly mode: SubscriptionMode
  /** Highest seq that was announced; a read that ends before it goes on. */
  latest: number
}

export type Channel = { readonly root: RootId; readonly ticket: number } & (
  | { readonly kind: 'opened'; readonly challenge: Uint8Array | undefined; readonly at: number }
  | { readonly kind: 'proving'; readonly at: number; readonly claim: Claim }
  | {
      readonly kind: 'ready'
      readonly certificate: WriterCertificate
      readonly subscriptions: Map<ShardId, Subscription>
    }
)
export type ReadyChannel = Extract<Channel, { readonly kind: 'ready' }>

export interface Claim {
  readonly certificate: WriterCertificate
  readonly encoded: Uint8Array
  readonly admission: string
}

/** A snapshot that is being received; one a socket. */
export interface Assembly extends Omit<SnapshotPlace, 'size'> {
  readonly ch: number
  readonly shard: ShardId
  readonly ref: number
  readonly count: number
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
  readonly at: number
}

export interface Turn {
  readonly ch: number
  readonly shard: ShardId
}

export interface Connection {
  open: boolean
  readonly openedAt: number
  /** Has proven itself for some root, once. */
  known: boolean
  channels: Map<number, Channel>
  nextTicket: number
  queue: readonly Turn[]
  active: (Turn & { readonly ticket: number }) | undefined
  /** Since when the socket holds more unread bytes than its bound. */
  fullSince: number | undefined
  assembly: Assembly | undefined
  /** The snapshot refused last: its further chunks are on their way and are passed over. */
  refusedSnap: { readonly ch: number; readonly ref: number } | undefined
  pendingPushes: number
  pendingBytes: number
  readonly frames: Bucket
  readonly bytes: Bucket
  readonly refusals: Bucket
}

/** What the outside is at the moment of an event. */
export interface Env {
  /** The relay's clock, ms since 1970 UTC. */
  readonly now: number
  /** Bytes this socket has not yet taken. */
  readonly buffered: number
  /** Bytes that snapshots in reception may still take, all sockets together. */
  readonly assemblyRoom: number
  /** The relay is behind with its work: nothing new is begun. */
  readonly overloaded: boolean
  readonly relayKey: Uint8Array
  readonly random: (bytes: number) => Uint8Array
  readonly sha256: Sha256
  /** Whether a host text as devices dial it is one of this relay's. */
  readonly isOwnHost: (host: string) => boolean
  readonly limits: SocketLimits
}
