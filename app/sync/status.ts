import type { Result } from '#core/result.ts'

/** What sync tells the screens and takes from them. The only file of this room that app/ui knows. */

/** A value that changes, for useSyncExternalStore. `get` returns the same reference until `subscribe`'s callback has run. */
export interface Observable<T> {
  get(): T
  subscribe(changed: () => void): () => void
}

/* ---- what is safe where ---------------------------------------------------------------------------------------- */

/**
 * How far everything got. Nothing is shown as a level that was not acknowledged. `relay`: at least one relay has everything (which ones,
 * `SyncFacts.relays` says); `replica`: two or more that are independent of each other have; `other-device`: a relay has, and another
 * device of the person too.
 */
export type SafetyLevel = 'this-device' | 'relay' | 'replica' | 'other-device'

/** Why nothing moves although something may wait. */
export type WaitReason =
  | 'relay-not-reached' // no socket: the network, a wrong address or a relay that is down; the browser cannot tell which
  | 'relay-full' // a typed quota refusal
  | 'relay-paused' // PAUSE, 429, 503: the relay asked for time
  | 'relay-restoring' // fork: the relay has another history and this device is giving back what it lacks
  | 'relay-refused' // admission: this relay does not take new journals without a voucher or login
  | 'relay-newer' // the relay no longer speaks this version of the protocol: the app must be updated
  | 'entry-refused' // one entry was refused for ever (too large); it stays on this device
  | 'not-allowed-by-page' // the page's policy names the relays that it may dial, and this is none of them
  | 'device-clock' // a certificate is refused because the device's clock is far off

export type SyncStatus =
  /** Nothing leaves this device: no relay set, or the page may not keep keys (plain http on a name that is not localhost). */
  | { readonly kind: 'off'; readonly why: 'no-relay' | 'insecure-context' | 'nothing-kept-yet' }
  | { readonly kind: 'connecting'; readonly waiting: number }
  /** Connected and nothing refused. `waiting` = edits not acknowledged yet. */
  | { readonly kind: 'live'; readonly waiting: number; readonly safety: SafetyLevel }
  /** `until` = epoch ms of the next try, where one is planned. */
  | { readonly kind: 'waiting'; readonly waiting: number; readonly why: WaitReason; readonly until: number | null }
  /** The root was erased from another device; this one keeps what it has only until the person decides. */
  | { readonly kind: 'erased'; readonly at: number | null }

/** One of the relays that the journal is kept on. */
export interface RelayFacts {
  /** Host (and port) as the person would type it. */
  readonly relay: string
  /** What this relay by itself has: `live` with nothing waiting = everything that this device has, its own lines and others'. */
  readonly status: SyncStatus
  readonly lastAck: number | null
  /** Epoch ms when it last answered, null while it does or where it never did. */
  readonly reached: number | null
  /** The same for two addresses of one relay, or of relays over one store; null before it was reached. */
  readonly key: string | null
}

export const holdsEverything = ({ status }: RelayFacts): boolean =>
  status.kind === 'live' && status.waiting === 0 && status.safety !== 'this-device'

/** Relays that are independent of each other; two addresses of one are one. */
export const countRelays = (relays: readonly RelayFacts[]): number =>
  new Set(relays.map(({ key, relay }) => key ?? relay)).size

export interface SyncFacts {
  readonly status: SyncStatus
  /** Host (and port) of the first relay as the person would type it, or null when none is set. */
  readonly relay: string | null
  readonly relays: readonly RelayFacts[]
  /** ws(s)://host of the relay for live things: the healthy one with the shortest way. null before any was reached. */
  readonly live: string | null
  /** Epoch ms of the last acknowledgement from the relay, or null. */
  readonly lastAck: number | null
  /** Another tab of this browser does the talking; this one shows what that one knows. */
  readonly spokenByAnotherTab: boolean
  /** Other devices under this phrase that have been seen in the log, this one not counted; null = not known yet. */
  readonly otherDevices: number | null
  /** Things worth telling once, e.g. a cloned profile or a relay that had lost entries and got them back. */
  readonly notices: readonly SyncNotice[]
}

export type SyncNotice =
  | { readonly kind: 'relay-had-another-history'; readonly at: number }
  | { readonly kind: 'profile-was-cloned'; readonly at: number }
  | { readonly kind: 'entries-not-readable-yet'; readonly count: number }

export type AddProblem = 'malformed-address' | 'not-allowed-by-page' | 'already-chosen'

export interface SyncPort extends Observable<SyncFacts> {
  /** Try now instead of waiting for the planned moment. */
  retry(): void
  /** One more relay to keep everything on. `address` as typed: host, host:port, or a ws(s)/http(s) address. */
  addRelay(address: string): Promise<Result<void, AddProblem>>
  /** Nothing more goes there. What it has stays, sealed, until everything is erased. The last one removed: all stays on this device. */
  removeRelay(relay: string): Promise<void>
  /** The word a host gave out for beginning at `relay` (without it: the first); kept on this device, and tried at once. */
  giveVoucher(word: string, relay?: string): Promise<Result<void, 'no-relay' | 'not-kept'>>
}

export type Words = readonly string[]

/* ---- I already practise elsewhere ---------------------------------------------------------------------------------- */

export type Found =
  | { readonly kind: 'relay-not-reached' | 'malformed-address' | 'not-allowed-by-page' }
  | { readonly kind: 'nothing-under-this-phrase' }
  | { readonly kind: 'erased-under-this-phrase' }
  | { readonly kind: 'already-this-phrase' }
  | { readonly kind: 'found' }

/** What becomes of the practices this device already holds. With none there is nothing to choose: 'bring'. */
export type LocalPractices = 'bring' | 'discard'

/** The steps of taking over; each is resumable after a crash or reload. */
export type RestoreStep = 'reading' | 'opening' | 'copying' | 'acknowledging' | 'erasing-old' | 'done'

export type RestoreError = 'relay-not-reached' | 'nothing-under-this-phrase' | 'storage-full' | 'interrupted'

export interface RestorePort {
  /** Looks under the phrase at a relay without changing anything here. */
  look(words: Words, relay: string): Promise<Found>
  /** Takes the phrase over. Resolves when this device's practices are safe under it (bring) or gone (discard). */
  adopt(
    words: Words,
    relay: string,
    local: LocalPractices,
    onStep: (step: RestoreStep) => void
  ): Promise<Result<void, RestoreError>>
  /** Set when an earlier `adopt` was cut short and will be gone on with. */
  readonly unfinished: Observable<RestoreStep | null>
}

/* ---- erasing ------------------------------------------------------------------------------------------------------- */

export interface ReceiptToKeep {
  readonly relay: string
  /** Epoch ms, the relay's clock. */
  readonly at: number
  /** Days until the relay's own backups have forgotten too; null = the relay keeps none. */
  readonly backupDays: number | null
  /** The signed receipt as text, to keep. */
  readonly text: string
}

/** What came of asking every relay. */
export interface Erasure {
  /** At least one. */
  readonly receipts: readonly ReceiptToKeep[]
  /** Hosts that did not answer, or not now. */
  readonly owed: readonly string[]
}

export interface ErasePort {
  /** Deletes database, keys and caches of this profile in this browser. What the relay holds stays under the phrase. */
  thisDevice(): Promise<Result<void, 'blocked'>>
  /** Journal and keyring at every relay that has or had them, and on every device that connects later. */
  everywhere(): Promise<Result<Erasure, 'relay-not-reached' | 'relay-refused' | 'no-keys'>>
  /** After status 'erased': forgets what is still here and begins a new, empty journal under the same words. */
  beginAnew(): Promise<Result<void, 'no-keys'>>
  /** Of earlier erasures, newest last. */
  receipts(): Promise<readonly ReceiptToKeep[]>
  /** Relays that were not reached when everything was erased: they are told when they answer. Hosts. */
  owed(): Promise<readonly string[]>
}
