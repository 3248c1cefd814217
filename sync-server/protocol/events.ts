import type { ErasureProof } from '#core/certificate.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import type { Result } from '#core/result.ts'
import type { For, ForShard, SharedMessage, VerifyPurpose } from './effects.ts'
import type { PassedEntry, PassedPart, Place, ReadTail, Refused } from './state.ts'

/** What happens to a connection, and what the rooms answer to its effects. */

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
  | ShardAnswer<'part', PassedPart | undefined>
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
      /** By channel: the messages made of it, where it goes to several. The first who needs one makes it. */
      readonly shared?: Map<number, readonly SharedMessage[]>
    }
  /** Another relay of the same store appended up to `seq`. */
  | { readonly kind: 'hint'; readonly root: RootId; readonly shard: ShardId; readonly seq: number }
  /** The store was put back from an older copy. */
  | { readonly kind: 'restored'; readonly root: RootId; readonly shard: ShardId }
  /** Others listen at other relays. */
  | { readonly kind: 'peers'; readonly root: RootId; readonly shard: ShardId; readonly peers: number }
  | {
      readonly kind: 'presence'
      readonly root: RootId
      readonly shard: ShardId
      readonly frames: readonly Uint8Array[]
    }
  | { readonly kind: 'erasure'; readonly proof: ErasureProof }
  | Answer
