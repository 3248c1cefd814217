import type { Cursor, DocPath, SealedRow } from '#app/store/ports.ts'
import type { SnapshotChunk } from '#core/frames.ts'
import type { DeviceId, RootId, Seq, ShardId } from '#core/ids.ts'
import type { BuiltSnapshot, CheckReason, Effect } from './session-words.ts'
import type { SyncNotice, WaitReason } from './status.ts'

/** One sealed socket as a value. */

export interface DocState {
  readonly path: DocPath
  readonly shard: ShardId
  readonly cursor: Cursor
  /** idle: not asked for on this socket. pulling: PULL sent, HEAD awaited. live: everything the relay had was taken. */
  readonly stage: 'idle' | 'pulling' | 'live'
  readonly peers: number
  /** Edits that the relay has not confirmed. */
  readonly waiting: number
  /** When the oldest unsealed edit was noticed, epoch ms. */
  readonly dirtySince: number | null
  readonly check: CheckReason | null
  /** The comparison found something; it is given back when the timer fires. */
  readonly repairing: boolean
  readonly opaque: number
  /** Opaque entries were asked for again on this socket. */
  readonly refreshed: boolean
  readonly push: { readonly ref: number; readonly rows: readonly SealedRow[] } | null
  /** Counters that the relay acknowledged and that have not come back in the log yet. */
  readonly acked: ReadonlyMap<number, Seq>
  readonly chunks: readonly SnapshotChunk[]
  readonly snap: { readonly ref: number; readonly snapshot: BuiltSnapshot } | null
  readonly tailBytes: number
  readonly snapshotBytes: number
  /** The relay lacks entries of this device that can no longer be sent: only a snapshot lets newcomers read on. */
  readonly gap: boolean
  /** Highest seq that another device is known to hold. */
  readonly held: Seq
  /** Highest seq of an entry of this device; an upper bound where it is not known exactly. */
  readonly ownSeq: Seq
  /** Entries that other relays have shown and this one has not. */
  readonly owed: number
  readonly carryPlanned: boolean
  /** What of them is being pushed. */
  readonly carry: { readonly ref: number; readonly digests: readonly string[] } | null
  /** There is something to tell the others: "I hold up to here". */
  readonly untold: boolean
  /** Nothing was asked on this socket yet: what the others said before, this device may not have heard. */
  readonly asks: boolean
}

export type Phase = 'stopped' | 'dialling' | 'opening' | 'authenticating' | 'ready' | 'resting' | 'erased'

export interface SessionState {
  readonly root: RootId
  /** The journal lives on other relays too. */
  readonly several: boolean
  readonly phase: Phase
  /** Failed connections in a row. */
  readonly attempts: number
  /** Why nothing moves, and until when (epoch ms) where that is planned. Survives dialling, ends with success. */
  readonly obstacle: { readonly why: WaitReason; readonly until: number | null } | null
  readonly docs: ReadonlyMap<DocPath, DocState>
  readonly nextRef: number
  readonly lastAck: number | null
  /** As in its last CHALLENGE. */
  readonly relayKey: Uint8Array | null
  readonly lastFrameAt: number
  readonly devices: ReadonlySet<DeviceId>
  readonly notices: readonly SyncNotice[]
  readonly refused: number
  readonly erasedAt: number | null
  /** Opaque entries were asked for again so often, and whether the next time is planned. */
  readonly refreshes: number
  readonly refreshPlanned: boolean
}

export interface Step {
  readonly state: SessionState
  readonly effects: readonly Effect[]
}

/** What a step may know of the world besides the event. */
export interface Moment {
  /** Epoch ms. */
  readonly now: number
  /** One draw, uniform in [0, 1). */
  readonly random: number
}

export const startState = (root: RootId, several = false): SessionState => ({
  root,
  several,
  phase: 'stopped',
  attempts: 0,
  obstacle: null,
  docs: new Map(),
  nextRef: 1,
  lastAck: null,
  relayKey: null,
  lastFrameAt: 0,
  devices: new Set(),
  notices: [],
  refused: 0,
  erasedAt: null,
  refreshes: 0,
  refreshPlanned: false
})

export const step = (state: SessionState, ...effects: readonly Effect[]): Step => ({ state, effects })

/** Goes on from a step with its state. */
export const andThen = (first: Step, next: (state: SessionState) => Step): Step => {
  const second = next(first.state)
  return { state: second.state, effects: [...first.effects, ...second.effects] }
}

export const withDoc = (state: SessionState, path: DocPath, change: Partial<DocState>): SessionState => {
  const doc = state.docs.get(path)
  return doc === undefined ? state : { ...state, docs: new Map(state.docs).set(path, { ...doc, ...change }) }
}

/** Another tab has read further: how much of that stretch is this device's own is not known here, so all of it counts as own. */
export const readElsewhere = (doc: DocState, seq: Seq): Pick<DocState, 'ownSeq'> => ({
  ownSeq: seq > doc.cursor.seq && seq > doc.ownSeq ? seq : doc.ownSeq
})

export const docOfShard = (state: SessionState, shard: ShardId): DocState | undefined => {
  for (const doc of state.docs.values()) if (doc.shard === shard) return doc
  return undefined
}
