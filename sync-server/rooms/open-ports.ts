import type { Result } from '#core/result.ts'
import type { StoreFailure } from './ports.ts'

/** What open rooms need of a store and of a thread that reads Yjs bytes. docs/spec/open-rooms.md says what each promise means. */

/** A room's name as decoded from the path: exact bytes, compared without any normalisation. */
export type RoomName = string & { readonly __brand: 'RoomName' }

export type OpenStoreFailure = StoreFailure | { readonly kind: 'room-full' }

/**
 * A place in a room's history. A store may go back (an older copy is put back, a replica that lagged is promoted) and grow again past where it was:
 * seqs then come twice, marks do not. Marks are whole numbers below 2^48, and 0 at seq 0; two that differ tell that the histories up to there do.
 */
export interface RoomPlace {
  readonly seq: number
  readonly mark: number
}

/** Where a row that was appended lies. */
export interface AppendedRow extends RoomPlace {
  /** Mark of the row before it. */
  readonly before: number
}

/** Tells one staging from every other. */
export type StageId = number & { readonly __brand: 'StageId' }

/** The merged part of a room's log, without its bytes, which are read apart. */
export interface BaseHead {
  /** Every row up to this seq is inside. */
  readonly upto: number
  /** Mark of the row at `upto`. */
  readonly mark: number
  readonly size: number
  /** Yjs state vector of the merged bytes. */
  readonly stateVector: Uint8Array
  /** A Yjs update (V1) that holds the base's whole delete set and no structs: the answer to a peer that lacks nothing. */
  readonly deletes: Uint8Array
}

export interface Base extends Omit<BaseHead, 'size' | 'mark'> {
  /** One Yjs update, V1, garbage collected. */
  readonly bytes: Uint8Array
}

export interface SequencedUpdate {
  readonly seq: number
  /** One Yjs update, V1: what a room took within one commit, merged. */
  readonly bytes: Uint8Array
}

export interface UpdateRow extends SequencedUpdate, RoomPlace {}

export interface RoomRecord {
  /** Seq of the newest row ever appended; 0 = nothing yet. */
  readonly head: number
  readonly base: BaseHead | undefined
  /** Bytes in rows after the base. */
  readonly tailBytes: number
  readonly tailRows: number
}

export interface NewUpdate {
  readonly room: RoomName
  readonly bytes: Uint8Array
}

/** A store that makes the buffer of a base by itself leaves so much free before it: a message's head goes there, and no copy is made. */
export const BASE_FRONT_BYTES = 16

export interface UpdateLog {
  /** An unknown room reads as empty. A failure is a failure, never "empty". */
  load(room: RoomName): Promise<Result<RoomRecord, OpenStoreFailure>>
  /** Where the newest row of each room is, in order; seq 0 = unknown room. What a relay asks about rooms that other relays append to. */
  heads(rooms: readonly RoomName[]): Promise<Result<readonly RoomPlace[], OpenStoreFailure>>
  /** Group commit: one transaction for the batch, durable (fsync) when it resolves; a seq per element, one higher than the room's last. */
  append(batch: readonly NewUpdate[]): Promise<readonly Result<AppendedRow, OpenStoreFailure>[]>
  /**
   * Rows after `after` in order, at most `limit` bytes but at least one where there is one. Rows inside the base are gone.
   * @param mark of the row at `after`, where it is known. 'fork' where the room has another there or ends before; not told where the base goes on beyond.
   */
  readAfter(
    room: RoomName,
    after: number,
    limit: number,
    mark?: number
  ): Promise<Result<readonly UpdateRow[], OpenStoreFailure>>
  /**
   * The base that ends at `upto`, staged or current, as bytes that nobody else holds; undefined where there is none (any more). They may
   * stand at the end of a larger buffer, which is then the asker's as well: see BASE_FRONT_BYTES.
   */
  readBase(room: RoomName, upto: number): Promise<Result<Uint8Array | undefined, OpenStoreFailure>>
  /**
   * Writes a new base beside the current one; nothing is replaced yet. A base staged before and never adopted is dropped. Durable.
   * @param mark of the row where the base ends, as its maker read it: 'cas' where the room has another there
   */
  stage(room: RoomName, base: Base, mark?: number): Promise<Result<StageId, OpenStoreFailure>>
  /**
   * Compare-and-swap: the base of this staging becomes current, the old one and the rows up to its end are deleted, in one
   * transaction. 'cas' where the current base no longer ends at `expected` (0 = none) or another one, or none, is staged by now.
   */
  adopt(room: RoomName, expected: number, stage: StageId): Promise<Result<void, OpenStoreFailure>>
}

/** What a Yjs update holds, told by reading it once. */
export interface UpdateFacts {
  /** By client id: runs of clocks [from, to) in ascending order, gaps left out. */
  readonly runs: ReadonlyMap<number, readonly (readonly [from: number, to: number])[]>
  /** An update of the delete set alone; undefined where it deletes nothing. */
  readonly deletes: Uint8Array | undefined
}

/** Yjs work that is too large for the thread of the sockets. */
export interface Merger {
  inspect(update: Uint8Array): Promise<Result<UpdateFacts, 'undecodable'>>
  /** One update that holds all of them. */
  merge(updates: readonly Uint8Array[]): Promise<Uint8Array>
  /** What a peer with this state vector lacks of the update; the whole delete set is always inside. */
  diff(update: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array>
  /**
   * Merges by a tree, collects garbage and compares: the result has the state vector and the delete set of what went in,
   * or it is refused as 'differs' and nothing must be replaced.
   */
  rebuild(
    base: Uint8Array | undefined,
    rows: readonly SequencedUpdate[]
  ): Promise<Result<Base, 'undecodable' | 'differs'>>
  close(): Promise<void>
}
