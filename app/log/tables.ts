import type { AuthorState, Row, RowId, SealedRow, ShardState } from '#app/store/ports.ts'
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
  readonly sealed: SealedRow
  /** [doc, relay, counter] The seq at which this relay has the sealed row. */
  readonly acks: Seq
  /** [doc, relay] Every kept sealed row up to this counter is acknowledged: spares reading years of acknowledgements. */
  readonly acked: number
  /** [doc] */
  readonly authors: AuthorState
  /** [doc, relay] */
  readonly shards: ShardState
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

export interface StoredRow extends Row {
  /**
   * Its place among the rows: its id, or for a folded row the place of the last row in it. Were it at the end by its new id, all
   * rows after it that build on it would come first, and Yjs holds such rows back in a list that it copies with each of them.
   */
  readonly place: number
}

export interface StoredProof {
  readonly kind: 'writer' | 'erasure'
  readonly key: string
  readonly bytes: Uint8Array
}

export type Key = readonly (string | number)[]
