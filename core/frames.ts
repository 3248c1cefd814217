import type { EraseScope } from './certificate.ts'
import type { RootId, Seq, ShardId } from './ids.ts'

/** Frames of the sealed log, as values. `ch` is a channel: a root opened on this socket, numbered by the device from 0. */

export type DeviceFrame =
  | { readonly type: 'open'; readonly ch: number; readonly root: RootId }
  | {
      readonly type: 'auth'
      readonly ch: number
      /** Encoded WriterCertificate. */
      readonly certificate: Uint8Array
      /** Ed25519 by W over authMessage. */
      readonly signature: Uint8Array
      /** As the device dialled it; must be one of the relay's addresses. */
      readonly host: string
      /** Voucher or login token, '' for none. */
      readonly admission: string
    }
  /** Subscribes, and asks for everything after `after`, whose chain hash the device holds as `hashAfter`. */
  | {
      readonly type: 'pull'
      readonly ch: number
      readonly shard: ShardId
      readonly after: Seq
      readonly hashAfter: Uint8Array
    }
  /** All or nothing. `ref` is the device's own number for the answer. */
  | {
      readonly type: 'push'
      readonly ch: number
      readonly shard: ShardId
      readonly ref: number
      readonly entries: readonly Uint8Array[]
    }
  | ({ readonly type: 'snap'; readonly ch: number; readonly shard: ShardId; readonly ref: number } & SnapshotChunk)
  | {
      readonly type: 'rotate'
      readonly ch: number
      readonly ref: number
      readonly entries: readonly Uint8Array[]
      readonly certificate: Uint8Array
    }
  | { readonly type: 'ephemeral'; readonly ch: number; readonly shard: ShardId; readonly frame: Uint8Array }
  /** Needs OPEN but not READY: the signature is R's own, so a relay that already erased the root answers too. */
  | {
      readonly type: 'erase'
      readonly ch: number
      readonly scope: EraseScope
      readonly rootKey: Uint8Array
      readonly signature: Uint8Array
    }
  | { readonly type: 'close'; readonly ch: number }
  /** Milliseconds of the device's monotonic clock, echoed. */
  | { readonly type: 'time'; readonly t0: number }

/** One piece of a sealed snapshot. The pieces of one snapshot are sent in order, index from 0, with equal other fields. */
export interface SnapshotChunk {
  readonly from: Seq
  readonly to: Seq
  readonly hashTo: Uint8Array
  readonly index: number
  readonly count: number
  readonly chunk: Uint8Array
}

/** `digest`: an entry pushed on this very socket comes back as its SHA-256 (32 bytes): the device holds the bytes. */
export type LogItem =
  | { readonly kind: 'entry'; readonly bytes: Uint8Array }
  | { readonly kind: 'digest'; readonly digest: Uint8Array }

export type RelayFrame =
  | { readonly type: 'challenge'; readonly ch: number; readonly challenge: Uint8Array; readonly relayKey: Uint8Array }
  | { readonly type: 'ready'; readonly ch: number; readonly floor: number }
  /** `shard` and `ref` are undefined where the refusal is about the whole channel (ch) or socket (ch of the offender). */
  | {
      readonly type: 'nack'
      readonly ch: number
      readonly shard: ShardId | undefined
      readonly ref: number | undefined
      /** refusal.ts names it; an unknown one is kept as a number. */
      readonly code: number
      /** 0 where the relay has no better advice than the code's own. */
      readonly retryAfterMs: number
      readonly detail: Uint8Array
    }
  /** Contiguous from `from`. */
  | {
      readonly type: 'entries'
      readonly ch: number
      readonly shard: ShardId
      readonly from: Seq
      readonly items: readonly LogItem[]
    }
  | ({ readonly type: 'snapshot'; readonly ch: number; readonly shard: ShardId } & SnapshotChunk)
  /** Where the shard stands. Sent when a PULL is answered in full, and after a pause in sending (the device then PULLs on). */
  | {
      readonly type: 'head'
      readonly ch: number
      readonly shard: ShardId
      readonly seq: Seq
      readonly hash: Uint8Array
      /** Other sockets subscribed to this shard on this relay now. */
      readonly peers: number
    }
  /** Durable. For PUSH one seq per entry in order; for SNAP and ROTATE the seq they reach. `hash` is the chain hash at the last seq named. */
  | {
      readonly type: 'ack'
      readonly ch: number
      readonly shard: ShardId
      readonly ref: number
      readonly seqs: readonly Seq[]
      readonly hash: Uint8Array
    }
  | { readonly type: 'tier'; readonly ch: number; readonly shard: ShardId; readonly seq: Seq; readonly tier: number }
  | { readonly type: 'ephemeral'; readonly ch: number; readonly shard: ShardId; readonly frames: readonly Uint8Array[] }
  /** Encoded ErasureProof and EraseReceipt. */
  | { readonly type: 'erased'; readonly ch: number; readonly proof: Uint8Array; readonly receipt: Uint8Array }
  /** t1 and t2: the relay's clock at receipt and at sending, ms since 1970 UTC. */
  | { readonly type: 'time'; readonly t0: number; readonly t1: number; readonly t2: number }
  | { readonly type: 'pause'; readonly ms: number }
  | { readonly type: 'goaway'; readonly retryAfterMs: number }
