import type { Result } from '#core/result.ts'

/**
 * What the screens ask of the rooms behind them. The composition root (app/main.tsx) wires each port to its adapter;
 * nothing in app/ui knows IndexedDB, WebCrypto or a socket.
 */

/** A value that changes, for useSyncExternalStore. `get` returns the same reference until `subscribe`'s callback has run. */
export interface Observable<T> {
  get(): T
  subscribe(changed: () => void): () => void
}

/* ---- what is safe where ---------------------------------------------------------------------------------------- */

/** How far an edit got. Each step includes the ones before it. Nothing is shown as a level that was not acknowledged. */
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

export interface SyncFacts {
  readonly status: SyncStatus
  /** Host (and port) of the relay as the person would type it, or null when none is set. */
  readonly relay: string | null
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

export interface SyncPort extends Observable<SyncFacts> {
  /** Try now instead of waiting for the planned moment. */
  retry(): void
  /** `address` as typed: host, host:port, or a ws(s)/http(s) address. Null = keep everything on this device. */
  setRelay(address: string | null): Promise<Result<void, 'malformed-address' | 'not-allowed-by-page'>>
  /** The word the host gave out for beginning at the present relay; kept on this device, and tried at once. */
  giveVoucher(word: string): Promise<Result<void, 'no-relay' | 'not-kept'>>
}

/* ---- the recovery phrase ----------------------------------------------------------------------------------------- */

export type Words = readonly string[]

export type PhraseProblem =
  | { readonly kind: 'wrong-count'; readonly count: number }
  /** `index` counts from 0. `nearest` comes from the list. */
  | { readonly kind: 'unknown-word'; readonly index: number; readonly word: string; readonly nearest: string }
  /** Every word is on the list but the checksum is wrong: "these words do not belong together". */
  | { readonly kind: 'do-not-belong-together' }

export interface PhrasePort {
  /** The phrase of this device, to write down. */
  show(): Promise<Result<Words, 'no-keys' | 'locked'>>
  /** Reads pasted text: case, line breaks, commas and numbering do not matter. */
  parse(text: string): Promise<Result<Words, PhraseProblem>>
}

/* ---- I already practise elsewhere ---------------------------------------------------------------------------------- */

export type Found =
  | { readonly kind: 'relay-not-reached' }
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

/* ---- erase and backup ---------------------------------------------------------------------------------------------- */

export interface EraseReceipt {
  readonly relay: string
  /** Epoch ms, the relay's clock. */
  readonly at: number
  /** Days until the relay's own backups have forgotten too; null = the relay keeps none. */
  readonly backupDays: number | null
  /** The signed receipt as text, to keep. */
  readonly text: string
}

export interface ErasePort {
  /** Deletes database, keys and caches of this profile in this browser. What the relay holds stays under the phrase. */
  thisDevice(): Promise<Result<void, 'blocked'>>
  /** Journal and keyring at the relay and on every device that connects later. */
  everywhere(): Promise<Result<EraseReceipt, 'relay-not-reached' | 'relay-refused' | 'no-keys'>>
  /** After status 'erased': forgets what is still here and begins a new, empty journal under the same words. */
  beginAnew(): Promise<Result<void, 'no-keys'>>
  /** Of earlier erasures, newest last. */
  receipts(): Promise<readonly EraseReceipt[]>
}

export interface ReadBack {
  /** Entries and patterns that were missing here. */
  readonly added: number
  /** Left as they are here, also where the file says otherwise. */
  readonly alreadyHere: number
  /** What in the file could not be understood. */
  readonly leftOut: number
}

export type ReadBackProblem =
  /** Sealed under other words than this device's, or changed since. */
  | 'not-ours'
  /** Some other file. */
  | 'not-a-backup'
  /** A backup file that is damaged. */
  | 'malformed'
  /** Written by a later version of the app. */
  | 'newer'
  /** The browser could not read the file. */
  | 'unreadable'
  /** The journal here cannot be opened or written to. */
  | 'unavailable'
  /** What came so far is on screen; this device refused to keep all of it. */
  | 'not-on-disk'

export interface ReadBackWays {
  readonly onStep?: (done: number, of: number) => void
  /** The phrase a sealed file was made under, where it is not this device's. Nothing of it is kept. */
  readonly words?: Words
}

export interface BackupPort {
  /** One encrypted file (opened by the phrase), or readable JSON. */
  exportFile(
    form: 'sealed' | 'json'
  ): Promise<Result<{ readonly name: string; readonly data: Blob }, 'no-keys' | 'unavailable'>>
  /** Adds what the file has and this device lacks; nothing here is overwritten. May be cut short and done again. */
  readFile(file: Blob, ways?: ReadBackWays): Promise<Result<ReadBack, ReadBackProblem>>
}

/* ---- the device ------------------------------------------------------------------------------------------------------ */

/** How the local database opened. Everything but 'ready' is told in words with what is safe and what to do. */
export type KeepState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'ready' }
  /** An older tab holds the database open; this tab goes on once that one is closed. */
  | { readonly kind: 'blocked-by-other-tab' }
  /** A newer version of the app wrote the database, or this tab had to let go of it for one: left as it is until the page is updated. */
  | { readonly kind: 'newer-store' }
  /** The browser has removed what was kept here (marker outside the database says there had been something). */
  | { readonly kind: 'evicted' }
  /** The last write failed for want of space; what was on screen is still in memory. */
  | { readonly kind: 'quota' }
  /** Plain http on a name that is not localhost, or a browser mode without storage: nothing can be kept. */
  | { readonly kind: 'cannot-keep'; readonly why: 'insecure-context' | 'no-storage' }

export interface KeepPort extends Observable<KeepState> {
  /** After 'quota': try the waiting writes again. */
  retry(): void
  /** After 'evicted': the person knows, and goes on with an empty database. */
  beginAgain(): Promise<void>
}

export interface StoragePort {
  /** Asks the browser not to evict. */
  persist(): Promise<boolean>
  facts(): Promise<{
    readonly persisted: boolean
    readonly usedBytes: number | null
    readonly quotaBytes: number | null
  }>
}

/** The app's own installation: precache, new version, home screen. */
export interface AppFacts {
  /** Every file of the app is here: it opens without network. */
  readonly whole: boolean
  readonly updateReady: boolean
  readonly installable: boolean
  readonly installed: boolean
}

export interface AppPort extends Observable<AppFacts> {
  /** Applies the waiting version in every tab, once no tab of this browser is in a practice. */
  applyUpdate(): void
  install(): Promise<boolean>
  /** Every file of the build that runs, with its subresource-integrity digest. Empty while there is no worker. */
  digests(): Promise<readonly { readonly file: string; readonly digest: string }[]>
}
