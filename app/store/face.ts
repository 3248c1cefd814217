import type { Pattern, PatternId } from '#app/domain/breath/pattern.ts'
import type { Journal, JournalEntry, JournalLine } from '#app/domain/journal/entry.ts'
import type { PracticeRecord, RecordId, Reflection } from '#app/domain/practice/record.ts'
import type { KeptRelay, Settings } from '#app/domain/settings/settings.ts'
import type { Result } from '#core/result.ts'
import type { DocPath } from './ports.ts'

/** What screens read and say. Values are plain domain values; nothing here shows that Yjs keeps them. */

/** For useSyncExternalStore(live.subscribe, live.get): `get` returns the same reference until something changed. */
export type Live<T> = {
  readonly get: () => T
  readonly subscribe: (onChange: () => void) => () => void
}

export type Command =
  | { readonly kind: 'keep-practice'; readonly record: PracticeRecord }
  | { readonly kind: 'write-line'; readonly line: JournalLine }
  /** Only the named fields change. `before` and `after` are of practices; a line ignores them. */
  | { readonly kind: 'edit-entry'; readonly id: RecordId; readonly year: number; readonly change: Partial<Reflection> }
  | { readonly kind: 'delete-entry'; readonly id: RecordId; readonly year: number }
  /** Undo of a deletion. */
  | { readonly kind: 'restore-entry'; readonly entry: JournalEntry }
  /** Many of one year, as one write: a backup file read back. Those that are here stay as they are. There is no undo. */
  | { readonly kind: 'restore-entries'; readonly year: number; readonly entries: readonly JournalEntry[] }
  | { readonly kind: 'save-pattern'; readonly pattern: Pattern }
  | { readonly kind: 'delete-pattern'; readonly id: PatternId }
  | { readonly kind: 'favour-pattern'; readonly id: PatternId; readonly favourite: boolean }
  | { readonly kind: 'change-settings'; readonly change: Partial<Settings> }
  /** Those not named stay as they are. There is no undo. */
  | { readonly kind: 'change-relays'; readonly relays: readonly KeptRelay[] }
  /** After a year was erased: what comes next under this year begins a new document. */
  | { readonly kind: 'retire-year'; readonly year: number }

/** On this device's disk. `undo` is the command that takes it back, null where there was nothing to take back. */
export type Saved = { readonly undo: Command | null }

/** `reason` is the log's failure by name (quota, blocked, newer, evicted, closed), or `io: ` and what the platform said. */
export type Unsaved =
  /** On screen and in memory; the write failed and is tried again. Say so until `status.unsaved` is 0. */
  | { readonly kind: 'not-on-disk'; readonly reason: string; readonly undo: Command | null }
  /** The document was written by a newer app: nothing changed. */
  | { readonly kind: 'read-only' }
  /** The document could not be read: nothing changed. */
  | { readonly kind: 'not-loaded'; readonly reason: string }
  /** The entry or pattern is gone (deleted here or on another device): nothing changed. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'invalid'; readonly what: string }

export type StoreStatus = {
  /** Edits shown but not on disk yet. */
  readonly unsaved: number
  readonly writeError: string | null
  /** Keyring, library and the current year are read. */
  readonly ready: boolean
  readonly failed: readonly { readonly path: string; readonly reason: string }[]
  /** Paths written by a newer app. */
  readonly readOnly: readonly string[]
}

/** An entry that another device deleted while this one was editing it: it stays deleted unless the person keeps a copy. */
export type LostEdit = {
  readonly entry: JournalEntry
  /** The id a kept copy gets: keeping it twice makes one copy. */
  readonly copyId: RecordId
}

export type Store = {
  readonly settings: Live<Settings>
  /** Relays by name, former ones too; none = `settings.relay` says. */
  readonly relays: Live<readonly KeptRelay[]>
  /** Built-in ones first, then own ones by name. */
  readonly patterns: Live<readonly Pattern[]>
  readonly favourites: Live<ReadonlySet<PatternId>>
  /** Every year with a first entry, the current one open once `settled`, older ones closed until `openYear`. Empty before `usable`. */
  readonly journal: Live<Journal>
  readonly lostEdits: Live<readonly LostEdit[]>
  readonly status: Live<StoreStatus>
  /** Shown at once; resolves ok when it is durable on this device. Never rejects. */
  readonly dispatch: (command: Command) => Promise<Result<Saved, Unsaved>>
  readonly openYear: (year: number) => Promise<Result<void, string>>
  /** Opens every year, for search, export and insights. */
  readonly openAll: () => Promise<Result<void, string>>
  /** Ends an offer: 'keep' writes a copy under a new id, 'let-go' forgets it. Offered once. */
  readonly answerLostEdit: (id: RecordId, answer: 'keep' | 'let-go') => Promise<Result<Saved, Unsaved>>
  /** Reads failed documents and writes waiting edits again. */
  readonly retry: () => Promise<void>
  /** Every document that exists or is about to: what sync opens a shard for. */
  readonly paths: Live<readonly DocPath[]>
  /** Resolves when keyring and library were read or failed: settings, patterns and the years that the keyring names are known. */
  readonly usable: Promise<void>
  /** Resolves when the current year was read or failed too. */
  readonly settled: Promise<void>
  /** Stops listening to the log; does not close it. */
  readonly close: () => void
}
