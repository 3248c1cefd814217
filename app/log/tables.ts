import type { AuthorState, Cursor, DocPath, OpaqueEntry, RelayName, RowId } from '#app/store/ports.ts'
import type { Cover } from '#core/entry.ts'
import type { Seq } from '#core/ids.ts'

/** What is kept, one table a thing. Keys are lists, so that everything of a document is one contiguous range. */
export interface Tables {
  /** [doc] Confirmed rows folded into one update. */
  readonly bases: StoredBase
  /** [doc, row id] Content that is not folded yet. */
  readonly rows: StoredRow
  /** [doc, row id] Local rows on their way: counter 0 = not sealed, else the sealed row they are in. Confirmed rows are not listed. */
  readonly outbox: number
  /** [doc, counter] */
  readonly sealed: StoredSealed
  /** [doc, relay, counter] The seq at which this relay has the sealed row. */
  readonly acks: Seq
  /** [doc, relay] Every kept sealed row up to this counter is acknowledged: spares reading years of acknowledgements. */
  readonly acked: number
  /** [doc] */
  readonly authors: AuthorState
  /** [doc, relay] */
  readonly shards: StoredShard
  /** [kind, key] */
  readonly proofs: StoredProof
  /** [key] */
  readonly shelf: { readonly value: unknown }
  /** ['row'] The last row id given out. Outlives every document, so that no id is used twice. */
  readonly meta: number
}

export type TableName = keyof Tables

export const TABLE_NAMES: readonly TableName[] = [
  'bases',
  'rows',
  'outbox',
  'sealed',
  'acks',
  'acked',
  'authors',
  'shards',
  'proofs',
  'shelf',
  'meta'
]

/** Tables whose keys begin with a document: what `forget` empties. */
export const DOCUMENT_TABLES = ['bases', 'rows', 'outbox', 'sealed', 'acks', 'acked', 'authors', 'shards'] as const

export interface StoredBase {
  /** New at each fold, so that two folds of one base cannot both succeed. */
  readonly id: RowId
  /** Highest row folded in. */
  readonly upTo: RowId
  readonly bytes: Uint8Array
}

export interface StoredRow {
  readonly id: RowId
  readonly update: Uint8Array
}

export interface StoredSealed {
  readonly counter: number
  readonly bytes: Uint8Array
  readonly digest: Uint8Array
  readonly innerHash: Uint8Array
  readonly rows: readonly RowId[]
  readonly epoch: number
}

export interface StoredShard {
  readonly cursor: Cursor
  readonly remembered: readonly Cursor[]
  readonly covers: readonly Cover[]
  readonly opaque: readonly OpaqueEntry[]
  readonly tailBytes: number
  readonly snapshotBytes: number
  readonly heldElsewhere: Seq
}

export interface StoredProof {
  readonly kind: 'writer' | 'erasure'
  readonly key: string
  readonly bytes: Uint8Array
}

export type Key = readonly (string | number)[]
export type RelayKey = readonly [DocPath, RelayName]
