import type { ErasureProof, WriterCertificate } from '#core/certificate.ts'
import type { Sha256 } from '#core/chain.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import type { RefusalName } from '#core/refusal.ts'
import type { Result } from '#core/result.ts'
import type { Bucket } from './bucket.ts'
import type { SocketLimits } from './limits.ts'

/** One sealed connection as a value: (state, event) -> state and effects. The rooms perform the effects and bring answers. */

export interface Place {
  readonly seq: Seq
  readonly hash: Uint8Array
}

export interface PassedEntry extends Place {
  readonly bytes: Uint8Array
  readonly digest: Uint8Array
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

export interface Subscription extends Place {
  readonly mode: SubscriptionMode
  /** Highest seq that was announced; a read that ends before it goes on. */
  readonly latest: number
}

export type Channel = { readonly root: RootId; readonly ticket: number } & (
  | { readonly kind: 'opened'; readonly challenge: Uint8Array | undefined; readonly at: number }
  | { readonly kind: 'proving'; readonly at: number; readonly claim: Claim }
  | {
      readonly kind: 'ready'
      readonly certificate: WriterCertificate
      readonly subscriptions: ReadonlyMap<ShardId, Subscription>
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
  readonly open: boolean
  readonly openedAt: number
  /** Has proven itself for some root, once. */
  readonly known: boolean
  readonly channels: ReadonlyMap<number, Channel>
  readonly nextTicket: number
  readonly queue: readonly Turn[]
  readonly active: (Turn & { readonly ticket: number }) | undefined
  /** Since when the socket holds more unread bytes than its bound. */
  readonly fullSince: number | undefined
  readonly assembly: Assembly | undefined
  /** The snapshot refused last: its further chunks are on their way and are passed over. */
  readonly refusedSnap: { readonly ch: number; readonly ref: number } | undefined
  readonly pendingPushes: number
  readonly pendingBytes: number
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

export type VerifyPurpose = { readonly kind: 'auth' } | { readonly kind: 'erase'; readonly proof: ErasureProof }

export interface SignatureCheck {
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Which request an answer is for; an answer to a channel that was closed or opened anew meanwhile is dropped. */
interface For {
  readonly ch: number
  readonly ticket: number
}
interface ForShard extends For {
  readonly root: RootId
  readonly shard: ShardId
}

export type Effect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly code: number }
  | { readonly kind: 'refused'; readonly name: RefusalName }
  | (For & { readonly kind: 'verify'; readonly purpose: VerifyPurpose; readonly checks: readonly SignatureCheck[] })
  | (For & { readonly kind: 'lookup'; readonly root: RootId; readonly admission: string })
  | (For & {
      readonly kind: 'adopt'
      readonly root: RootId
      readonly epoch: number
      readonly certificate: Uint8Array
      readonly first: boolean
    })
  | (ForShard & {
      readonly kind: 'append'
      readonly ref: number
      readonly epoch: number
      readonly entries: readonly Uint8Array[]
      readonly size: number
    })
  | (ForShard & { readonly kind: 'read'; readonly after: Place; readonly limit: number })
  | (ForShard & { readonly kind: 'read-snapshot'; readonly to: Seq; readonly index: number })
  | (ForShard & { readonly kind: 'head' })
  | (ForShard & {
      readonly kind: 'swap'
      readonly ref: number
      readonly epoch: number
      readonly from: Seq
      readonly to: Seq
      readonly hashTo: Uint8Array
      readonly bytes: Uint8Array
    })
  | (For & { readonly kind: 'erase'; readonly proof: ErasureProof })
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly root: RootId; readonly shard: ShardId }
  | { readonly kind: 'present'; readonly root: RootId; readonly shard: ShardId; readonly frame: Uint8Array }

export type RequestEffect = Exclude<
  Effect,
  { readonly kind: 'send' | 'close' | 'refused' | 'subscribe' | 'unsubscribe' | 'present' }
>

type ShardAnswer<Kind extends string, Value> = ForShard & {
  readonly kind: Kind
  readonly result: Result<Value, Refused>
}

export type Answer =
  | (For & { readonly kind: 'verified'; readonly purpose: VerifyPurpose; readonly valid: readonly boolean[] })
  | (For & {
      readonly kind: 'looked-up'
      readonly result: Result<
        {
          readonly floor: number
          readonly certificate: Uint8Array | undefined
          readonly erased: Uint8Array | undefined
          readonly admitted: boolean
        },
        Refused
      >
    })
  | (For & {
      readonly kind: 'adopted'
      readonly result: Result<{ readonly floor: number; readonly certificate: Uint8Array | undefined }, Refused>
    })
  | (ShardAnswer<'appended', { readonly seqs: readonly Seq[]; readonly hash: Uint8Array }> & {
      readonly ref: number
      readonly size: number
    })
  | ShardAnswer<'tail', ReadTail>
  | ShardAnswer<'part', Uint8Array | undefined>
  | ShardAnswer<'headed', { readonly head: Place; readonly peers: number }>
  | (ShardAnswer<'swapped', Place> & { readonly ref: number })
  | (For & {
      readonly kind: 'erased'
      readonly proof: ErasureProof
      readonly result: Result<{ readonly receipt: Uint8Array }, Refused>
    })

export type Event =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'tick' }
  | { readonly kind: 'drained' }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'goaway'; readonly retryAfterMs: number }
  | { readonly kind: 'gone' }
  /** Durable entries of a shard; `own` = pushed on this very socket. */
  | {
      readonly kind: 'published'
      readonly root: RootId
      readonly shard: ShardId
      readonly entries: readonly PassedEntry[]
      readonly own: boolean
    }
  /** Another relay of the same store appended up to `seq`. */
  | { readonly kind: 'hint'; readonly root: RootId; readonly shard: ShardId; readonly seq: number }
  | {
      readonly kind: 'presence'
      readonly root: RootId
      readonly shard: ShardId
      readonly frames: readonly Uint8Array[]
    }
  | { readonly kind: 'erasure'; readonly proof: ErasureProof }
  | Answer

export interface Step {
  readonly state: Connection
  readonly effects: readonly Effect[]
}
