import type { FieldFacts } from '#app/domain/field/facts.ts'
import type { Observable, Words } from '#app/sync/status.ts'
import type { Result } from '#core/result.ts'

/**
 * What the screens ask of the rooms behind them, besides sync (app/sync/status.ts). The composition root wires each port to
 * its adapter; nothing in app/ui knows IndexedDB, WebCrypto or a socket.
 */

/* ---- the recovery phrase ----------------------------------------------------------------------------------------- */

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

/* ---- whoever runs the relay ---------------------------------------------------------------------------------------- */

export interface HostPort {
  /** How people reach the host of a relay, in the host's own words; null where it is not told or not to be had. */
  contact(relay: string): Promise<string | null>
}

/* ---- the field ------------------------------------------------------------------------------------------------------- */

/** Read from the relay for as long as somebody subscribes. */
export type FieldPort = Observable<FieldFacts>

/* ---- backup ---------------------------------------------------------------------------------------------------------- */

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
