import type { Cover } from '#core/entry.ts'
import type { Seq } from '#core/ids.ts'
import type { Result } from '#core/result.ts'

/** What the store and sync ask of the device's own log. app/log implements it twice (IndexedDB, memory) under one contract suite. */

/** A document's path: `keyring`, `library`, `journal/2026/0` (year and incarnation). */
export type DocPath = string & { readonly __brand: 'DocPath' }
/** Local row number, rising over all documents of one profile; never reused. */
export type RowId = number & { readonly __brand: 'RowId' }

export type LogFailure =
  /** The browser refused space. Nothing of this write was kept; earlier writes are whole. */
  | { readonly kind: 'quota' }
  /** Another tab still runs an older version and holds the database. */
  | { readonly kind: 'blocked' }
  /** A later version of the app wrote this database. It is left as it is. */
  | { readonly kind: 'newer'; readonly version: number }
  /** There was a database here and the browser threw it away (the marker outside it is still there). */
  | { readonly kind: 'evicted' }
  /** The log was closed: this tab was told to let go (upgrade, erase). */
  | { readonly kind: 'closed' }
  | { readonly kind: 'io'; readonly reason: string }

export interface Row {
  readonly id: RowId
  readonly update: Uint8Array
}

/** Everything that makes a document, to be applied in order: `base` (confirmed rows folded into one), then `rows`. */
export interface LoadedDoc {
  readonly base: Uint8Array | undefined
  readonly rows: readonly Row[]
  /** Highest row id that `base` and `rows` contain: where to go on with readAfter. */
  readonly upTo: RowId
}

export interface DocLog {
  /** An unknown document is empty; a failed read is an error, never an empty document. */
  load(doc: DocPath): Promise<Result<LoadedDoc, LogFailure>>
  /** What came since `after`, from other tabs or from sync. `base` is set when rows past `after` were folded into it. */
  readAfter(doc: DocPath, after: RowId): Promise<Result<LoadedDoc, LogFailure>>
  /** One local edit: the row and its place in the outbox in one transaction. Durable on this device when it resolves. */
  appendLocal(doc: DocPath, update: Uint8Array): Promise<Result<RowId, LogFailure>>
  /** Called after any change of the document's rows, by this tab or another. A hint: readAfter is the truth. */
  subscribe(changed: (doc: DocPath) => void): () => void
  documents(): Promise<Result<readonly DocPath[], LogFailure>>
  /** Tells every tab that any document may have changed: one that died may have written, and not said so. */
  hintAll(): Promise<Result<void, LogFailure>>
  /**
   * Replaces rows by one row that says the same. `confirmed` rows fold into the base, `unsealed` ones into a new unsealed row.
   * Refused with 'raced' (and nothing changed) unless all of `rows` are still there in that state and, for 'confirmed',
   * `baseId` names the base that `bytes` contain.
   */
  fold(doc: DocPath, fold: Fold): Promise<Result<RowId, LogFailure | { readonly kind: 'raced' }>>
  /** What could be folded. */
  foldable(doc: DocPath): Promise<Result<Foldable, LogFailure>>
  close(): Promise<void>
}

export interface Foldable {
  readonly base: Uint8Array | undefined
  /** New at each fold (upTo need not be): names this base. 0 where there is none. */
  readonly baseId: RowId
  readonly confirmed: readonly Row[]
  readonly unsealed: readonly Row[]
}

export interface Fold {
  readonly state: 'confirmed' | 'unsealed'
  readonly baseId: RowId
  readonly rows: readonly RowId[]
  readonly bytes: Uint8Array
}

/** Small values that belong to the profile (keys, settings of the device, the running practice). Structured-clone values. */
export interface Shelf {
  get(key: string): Promise<Result<unknown, LogFailure>>
  put(key: string, value: unknown): Promise<Result<void, LogFailure>>
  delete(key: string): Promise<Result<void, LogFailure>>
}

/** Names one relay for cursors and acknowledgements: the host the device dials. */
export type RelayName = string & { readonly __brand: 'RelayName' }

export interface Cursor {
  readonly seq: Seq
  readonly hash: Uint8Array
}

/** A batch of this device that was sealed once. Until its ACK only these bytes are sent, to every relay. */
export interface SealedRow {
  readonly counter: number
  readonly bytes: Uint8Array
  /** SHA-256 of bytes: what the relay sends back for an own entry. */
  readonly digest: Uint8Array
  readonly innerHash: Uint8Array
  /** Local rows whose content is inside; empty for a device certificate. */
  readonly rows: readonly RowId[]
  readonly epoch: number
}

/** This device's own line in one shard. Counter 0 and zero hash before its first entry. */
export interface AuthorState {
  readonly counter: number
  readonly innerHash: Uint8Array
}

/** An entry that could not be opened yet. Kept, asked for again when a certificate or key arrives, never superseded. */
export interface OpaqueEntry {
  readonly seq: Seq
  readonly bytes: Uint8Array
}

/** What one PULLed stretch of a relay's log did to a document, written in one transaction. */
export interface Received {
  /** Must equal the stored cursor, else the write is refused as 'raced' (another tab was faster). */
  readonly from: Cursor
  readonly to: Cursor
  /** Confirmed content in order. */
  readonly updates: readonly Uint8Array[]
  /** Full state after this stretch, replacing what was kept. */
  readonly covers: readonly Cover[]
  readonly opaque: readonly OpaqueEntry[]
  /** Bytes of entries since the last snapshot, for the decision to compact; and of that snapshot. */
  readonly tailBytes: number
  readonly snapshotBytes: number
  /** Own sealed rows that this stretch proved to be in the relay's log (by digest, or by covers): counter and seq. */
  readonly own: readonly { readonly counter: number; readonly seq: Seq }[]
}

export interface ShardState {
  readonly cursor: Cursor
  /** Older (seq, hash) pairs, newest first: where to pull again from after a fork. */
  readonly remembered: readonly Cursor[]
  readonly covers: readonly Cover[]
  readonly opaque: readonly OpaqueEntry[]
  readonly tailBytes: number
  readonly snapshotBytes: number
  /** Highest seq that another device is known to hold (its `seen`, or its presence), 0 if none. */
  readonly heldElsewhere: Seq
}

/** The outbox and the cursors: sync's half of the log. */
export interface SyncLog {
  /** Documents with anything unsealed, or sealed and not acknowledged by this relay. */
  waiting(relay: RelayName): Promise<Result<readonly DocPath[], LogFailure>>
  /** Local rows not sealed yet, in order. */
  unsealed(doc: DocPath): Promise<Result<readonly Row[], LogFailure>>
  /** Sealed rows this relay has not acknowledged, in counter order. */
  unacknowledged(doc: DocPath, relay: RelayName): Promise<Result<readonly SealedRow[], LogFailure>>
  author(doc: DocPath): Promise<Result<AuthorState, LogFailure>>
  /** Keeps sealed bytes before their first send. 'raced' unless its counter is author+1 and its rows are still unsealed. */
  keepSealed(doc: DocPath, sealed: SealedRow): Promise<Result<void, LogFailure | { readonly kind: 'raced' }>>
  /** After NACK `epoch` (proof that it is not in the log): the same counter and inner, sealed anew for a later epoch. */
  replaceSealed(doc: DocPath, sealed: SealedRow): Promise<Result<void, LogFailure | { readonly kind: 'raced' }>>
  /** Marks rows as durable at the relay. Idempotent; unknown counters are ignored. Their local rows become confirmed. */
  acknowledge(
    doc: DocPath,
    relay: RelayName,
    acks: readonly { readonly counter: number; readonly seq: Seq }[]
  ): Promise<Result<void, LogFailure>>
  /**
   * Drops acknowledged sealed bytes up to `counter`, so that what a person deleted does not stay in them. For counters that a
   * snapshot covers and whose entries the relay has purged: after a fork they can no longer be sent again.
   * @param relays each of which must have acknowledged them; none = any relay will do
   */
  dropSealed(doc: DocPath, counter: number, relays?: readonly RelayName[]): Promise<Result<void, LogFailure>>
  shard(doc: DocPath, relay: RelayName): Promise<Result<ShardState, LogFailure>>
  receive(
    doc: DocPath,
    relay: RelayName,
    received: Received
  ): Promise<Result<RowId, LogFailure | { readonly kind: 'raced' }>>
  /**
   * After a fork: go back to a remembered (or the empty) cursor. Acknowledgements past it by this relay are forgotten: those rows are sent again.
   * Covers and opaque entries stay: they say what this device knows, whatever the relay still holds.
   */
  rewind(doc: DocPath, relay: RelayName, to: Cursor): Promise<Result<void, LogFailure>>
  noteHeld(doc: DocPath, relay: RelayName, seq: Seq): Promise<Result<void, LogFailure>>
  /** This relay is not asked any more: its cursors, covers and acknowledgements go, and nothing waits for it. Content stays. */
  forgetRelay(relay: RelayName): Promise<Result<void, LogFailure>>
  /**
   * This device has a new key (it was found to be a clone): in every document its line begins again at counter 0, and rows that are
   * sealed but acknowledged by no relay are unsealed again. One transaction.
   */
  beginAuthor(): Promise<Result<void, LogFailure>>
  /**
   * Another root takes these documents over (practices brought along): bases and rows of every document become unsealed local rows, in order;
   * sealed rows, author lines, cursors, covers and acknowledgements are gone. Proofs stay. One transaction, idempotent.
   */
  reroot(): Promise<Result<void, LogFailure>>
  /** What a relay that is behind must be shown: encoded WriterCertificate of the highest epoch, and every ErasureProof. Kept for ever. */
  keepProof(kind: 'writer' | 'erasure', key: string, bytes: Uint8Array): Promise<Result<void, LogFailure>>
  proofs(): Promise<
    Result<
      readonly { readonly kind: 'writer' | 'erasure'; readonly key: string; readonly bytes: Uint8Array }[],
      LogFailure
    >
  >
  /** Removes everything of these documents (rows, outbox, cursors), or of all documents: erasure, or leaving a phrase. */
  forget(docs: readonly DocPath[] | 'all'): Promise<Result<void, LogFailure>>
}

/** The byte functions of Yjs that sync needs; app/store implements them, so that only the store imports yjs. */
export interface DocBytes {
  /** One update that says the same as all of them, in order or not. Garbage is collected: deleted content is gone. */
  compact(updates: readonly Uint8Array[]): Uint8Array
  /** One update that says the same; nothing is collected, cheap for a handful. */
  merge(updates: readonly Uint8Array[]): Uint8Array
  /** What `local` has that `remote` lacks, judged by state vector and delete set; undefined if nothing. */
  missing(local: readonly Uint8Array[], remote: readonly Uint8Array[]): Uint8Array | undefined
  /** Whether these bytes are one well-formed update. */
  valid(update: Uint8Array): boolean
  /** Journals of the years that were erased under this keyring. */
  retiredJournals(keyring: readonly Uint8Array[]): readonly DocPath[]
  settleKeyring(meeting: KeyringMeeting): SettledKeyring
}

/** Another root's keyring was brought to a phrase, and that of the phrase has come. */
export interface KeyringMeeting {
  readonly ofPhrase: readonly Uint8Array[]
  /** The phrase's among them. */
  readonly all: readonly Uint8Array[]
  /** Documents with anything that was brought along. */
  readonly brought: readonly DocPath[]
  /** The relay that the phrase was found at: it stays among the chosen. */
  readonly found: RelayName
  /** Yjs' name for whoever writes: 32 bits, drawn for this once. */
  readonly writer: number
}

export interface SettledKeyring {
  /** To be written after both, so that the phrase is heard on every device; undefined where it is already. */
  readonly update: Uint8Array | undefined
  /** What was brought into a year that goes on elsewhere under the phrase. */
  readonly moves: readonly { readonly from: DocPath; readonly to: DocPath }[]
}
