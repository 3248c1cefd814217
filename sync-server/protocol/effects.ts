import type { ErasureProof } from '#core/certificate.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import type { RefusalName } from '#core/refusal.ts'
import type { Place } from './state.ts'

/** What a step asks the rooms to do. */

export type VerifyPurpose = { readonly kind: 'auth' } | { readonly kind: 'erase'; readonly proof: ErasureProof }

export interface SignatureCheck {
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** The same bytes come again, from others or later: they need not be looked at twice. */
  readonly isLasting?: boolean
}

/** Which request an answer is for; an answer to a channel that was closed or opened anew meanwhile is dropped. */
export interface For {
  readonly ch: number
  readonly ticket: number
}
export interface ForShard extends For {
  readonly root: RootId
  readonly shard: ShardId
}

export interface SharedMessage {
  readonly bytes: Uint8Array
}

export type Effect =
  | {
      readonly kind: 'send'
      readonly bytes: Uint8Array
      /** The same object for every connection that is sent the same bytes. */
      readonly shared?: SharedMessage
    }
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
