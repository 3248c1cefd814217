import type { Result } from '#core/result.ts'

/**
 * What sync tells and takes. The screens' own ports (app/ui/ports.ts) have the same shapes: neither room knows the other, and the
 * composition root does not compile when they drift apart.
 */

export interface Observable<T> {
  /** The same reference until a subscriber has been called. */
  get(): T
  subscribe(changed: () => void): () => void
}

export type SafetyLevel = 'this-device' | 'relay' | 'replica' | 'other-device'

export type WaitReason =
  | 'relay-not-reached'
  | 'relay-full'
  | 'relay-paused'
  | 'relay-restoring'
  | 'relay-refused'
  | 'relay-newer'
  | 'entry-refused'
  | 'device-clock'

export type SyncStatus =
  | { readonly kind: 'off'; readonly why: 'no-relay' | 'insecure-context' | 'nothing-kept-yet' }
  | { readonly kind: 'connecting'; readonly waiting: number }
  | { readonly kind: 'live'; readonly waiting: number; readonly safety: SafetyLevel }
  | { readonly kind: 'waiting'; readonly waiting: number; readonly why: WaitReason; readonly until: number | null }
  | { readonly kind: 'erased'; readonly at: number | null }

export type SyncNotice =
  | { readonly kind: 'relay-had-another-history'; readonly at: number }
  | { readonly kind: 'profile-was-cloned'; readonly at: number }
  | { readonly kind: 'entries-not-readable-yet'; readonly count: number }

export interface SyncFacts {
  readonly status: SyncStatus
  readonly relay: string | null
  readonly lastAck: number | null
  readonly spokenByAnotherTab: boolean
  readonly otherDevices: number | null
  readonly notices: readonly SyncNotice[]
}

export interface SyncPort extends Observable<SyncFacts> {
  retry(): void
  setRelay(address: string | null): Promise<Result<void, 'malformed-address' | 'not-allowed-by-page'>>
  /** The word the host gave out for beginning at the present relay; kept on this device, and tried at once. */
  giveVoucher(word: string): Promise<Result<void, 'no-relay' | 'not-kept'>>
}

export type Found =
  | { readonly kind: 'relay-not-reached' }
  | { readonly kind: 'nothing-under-this-phrase' }
  | { readonly kind: 'erased-under-this-phrase' }
  | { readonly kind: 'already-this-phrase' }
  | { readonly kind: 'found' }

export type LocalPractices = 'bring' | 'discard'
export type RestoreStep = 'reading' | 'opening' | 'copying' | 'acknowledging' | 'erasing-old' | 'done'
export type RestoreError = 'relay-not-reached' | 'nothing-under-this-phrase' | 'storage-full' | 'interrupted'

export interface RestorePort {
  look(words: readonly string[], relay: string): Promise<Found>
  adopt(
    words: readonly string[],
    relay: string,
    local: LocalPractices,
    onStep: (step: RestoreStep) => void
  ): Promise<Result<void, RestoreError>>
  readonly unfinished: Observable<RestoreStep | null>
}

export interface ReceiptToKeep {
  readonly relay: string
  /** Epoch ms, the relay's clock. */
  readonly at: number
  readonly backupDays: number | null
  /** The signed receipt as text. */
  readonly text: string
}

export interface ErasePort {
  thisDevice(): Promise<Result<void, 'blocked'>>
  everywhere(): Promise<Result<ReceiptToKeep, 'relay-not-reached' | 'relay-refused' | 'no-keys'>>
}
