import type { DocPath, SealedRow } from '#app/store/ports.ts'
import { bytesEqual } from '#core/bytes.ts'
import type { RelayFrame, SnapshotChunk } from '#core/frames.ts'
import { MAX_ENTRIES_PER_PUSH, MAX_FRAME_BYTES, SNAPSHOT_CHUNK_BYTES, SNAPSHOT_MIN_TAIL_BYTES } from '#core/limits.ts'
import { andThen, type DocState, type Moment, type SessionState, type Step, step, withDoc } from './session-state.ts'
import type { BuiltSnapshot, CheckReason, Effect } from './session-words.ts'
import { ALONE_JITTER_MS, COMPACT_JITTER_MS, GATHER_MS, HELD_MS, REPAIR_JITTER_MS, refreshMs } from './timing.ts'

/** What one document goes through on one socket: PULL, HEAD, compare, seal, PUSH, compact. */

export const pull = (state: SessionState, path: DocPath): Step => {
  const doc = state.docs.get(path)
  if (doc === undefined || state.phase !== 'ready') return step(state)
  const { seq, hash } = doc.cursor
  return step(withDoc(state, path, { stage: 'pulling', chunks: [] }), {
    type: 'send',
    frame: { type: 'pull', ch: 0, shard: doc.shard, after: seq, hashAfter: hash }
  })
}

/** The keyring first: it names the others. */
export const pullIdle = (state: SessionState): Step => {
  const idle = [...state.docs.values()].filter((doc) => doc.stage === 'idle').map((doc) => doc.path)
  const order = idle.sort((a, b) => Number(b === 'keyring') - Number(a === 'keyring'))
  return order.reduce<Step>((done, path) => andThen(done, (next) => pull(next, path)), step(state))
}

export const mayPush = (state: SessionState, doc: DocState | undefined): doc is DocState =>
  doc !== undefined &&
  state.phase === 'ready' &&
  state.obstacle === null &&
  doc.stage === 'live' &&
  doc.check === null &&
  doc.push === null

export const flush = (state: SessionState, path: DocPath): Step => {
  const doc = state.docs.get(path)
  if (!mayPush(state, doc)) return step(state)
  return step(
    withDoc(state, path, { dirtySince: null }),
    { type: 'clear-timer', name: `flush:${path}` },
    { type: 'seal', doc: path, except: [...doc.acked.keys()] }
  )
}

export const flushAll = (state: SessionState): Step =>
  [...state.docs.keys()].reduce<Step>((done, path) => andThen(done, (next) => flush(next, path)), step(state))

/** Frame fields around the entries of a PUSH, generously. */
export const PUSH_OVERHEAD_BYTES = 1_000

/** As many entries, in order, as one frame takes; always one. */
const batchOf = (rows: readonly SealedRow[]): readonly SealedRow[] => {
  let bytes = PUSH_OVERHEAD_BYTES
  const batch: SealedRow[] = []
  for (const row of rows) {
    bytes += row.bytes.byteLength + 4
    if (batch.length > 0 && (bytes > MAX_FRAME_BYTES || batch.length === MAX_ENTRIES_PER_PUSH)) break
    batch.push(row)
  }
  return batch
}

export const push = (state: SessionState, path: DocPath, rows: readonly SealedRow[], moment: Moment): Step => {
  const doc = state.docs.get(path)
  if (!mayPush(state, doc)) return step(state)
  const open = batchOf(rows.filter((row) => !doc.acked.has(row.counter)))
  if (open.length === 0) return compactIfLong(state, path, moment)
  const ref = state.nextRef
  return step(
    { ...withDoc(state, path, { push: { ref, rows: open } }), nextRef: ref + 1 },
    { type: 'push', doc: path, ref, rows: open }
  )
}

export const onHead = (
  state: SessionState,
  doc: DocState,
  head: Extract<RelayFrame, { readonly type: 'head' }>,
  moment: Moment
): Step => {
  const known = withDoc(state, doc.path, { peers: head.peers })
  if (head.seq !== doc.cursor.seq) return pull(known, doc.path)
  if (!bytesEqual(head.hash, doc.cursor.hash)) return fork(known, doc.path, moment)
  const tells = doc.cursor.seq > 0 && head.peers > 0
  if (doc.stage !== 'pulling') {
    // A relay may learn only later who listens at the other relays of its store.
    const isNews = tells && doc.stage === 'live' && doc.peers === 0
    if (!isNews) return step(known)
    return step(withDoc(known, doc.path, { untold: true, asks: true }), {
      type: 'set-timer',
      name: 'held',
      ms: HELD_MS
    })
  }
  return arrive(withDoc(known, doc.path, { stage: 'live', untold: tells, asks: tells }), doc.path)
}

/** Everything the relay holds was taken. */
const arrive = (state: SessionState, path: DocPath): Step => {
  const doc = state.docs.get(path)
  if (doc === undefined) return step(state)
  if (doc.check !== null) return step(state, { type: 'compare', doc: path })
  if (doc.opaque > 0 && !doc.refreshed) return refresh(state, path)
  if (doc.opaque > 0) return andThen(planRefresh(state), (next) => settle(next, path))
  return settle(state, path)
}

const settle = (state: SessionState, path: DocPath): Step => {
  const doc = state.docs.get(path)
  const told: readonly Effect[] = doc?.untold ? [{ type: 'set-timer', name: 'held', ms: HELD_MS }] : []
  return andThen(
    andThen(step(state, ...told), (next) => lookAcross(next, path)),
    (next) => flush(next, path)
  )
}

/** What another relay has shown and this one has not: looked for by the covers, so nothing is lost by a crash in between. */
export const lookAcross = (state: SessionState, path: DocPath): Step => {
  const doc = state.docs.get(path)
  return state.several && doc?.stage === 'live' ? step(state, { type: 'look-across', doc: path }) : step(state)
}

/** Reads everything once more: what unlocks an opaque entry may stand in a snapshot that came after it. */
export const refresh = (state: SessionState, path: DocPath): Step =>
  step(withDoc(state, path, { refreshed: true }), { type: 'rewind', doc: path, reason: 'refresh' })

/** Never put off by what comes in between. */
export const planRefresh = (state: SessionState): Step =>
  state.refreshPlanned
    ? step(state)
    : step({ ...state, refreshPlanned: true }, { type: 'set-timer', name: 'refresh', ms: refreshMs(state.refreshes) })

/** The relay has another history: all of it is read before anything is sent. */
export const fork = (state: SessionState, path: DocPath, { now }: Moment): Step => {
  const known = state.notices.some((notice) => notice.kind === 'relay-had-another-history')
  const notices = known ? state.notices : [...state.notices, { kind: 'relay-had-another-history' as const, at: now }]
  return step({ ...withDoc(state, path, { stage: 'idle' }), notices }, { type: 'rewind', doc: path, reason: 'fork' })
}

/**
 * On a new socket every entry comes with its bytes; on this one, own entries would come as digests alone and the comparison would not
 * know what is in them.
 */
export const onRewound = (
  state: SessionState,
  path: DocPath,
  reason: CheckReason,
  cursor: DocState['cursor']
): Step => {
  const rewound = withDoc(state, path, { cursor, check: reason, repairing: false, gap: false })
  // A relay that lost one document mostly lost the others too: their answers are waited for, so that one new socket serves all.
  return state.phase === 'ready'
    ? step(rewound, { type: 'set-timer', name: 'reconnect', ms: GATHER_MS })
    : step(rewound)
}

export const onCompared = (
  state: SessionState,
  path: DocPath,
  missing: boolean,
  gap: boolean,
  moment: Moment
): Step => {
  const doc = state.docs.get(path)
  if (doc === undefined || doc.stage !== 'live') return step(state)
  if (!missing) return arrive(withDoc(state, path, { check: null, repairing: false, gap, refreshed: true }), path)
  const ms = Math.round((doc.peers === 0 ? ALONE_JITTER_MS : REPAIR_JITTER_MS) * moment.random)
  return step(withDoc(state, path, { repairing: true, gap }), { type: 'set-timer', name: `repair:${path}`, ms })
}

export const onRepairDue = (state: SessionState, path: DocPath): Step => {
  const doc = state.docs.get(path)
  return doc?.repairing && doc.stage === 'live' ? step(state, { type: 'repair', doc: path }) : step(state)
}

/**
 * Its rows are sealed and pushed like any edit. Opaque entries go first, as they came; should they get lost again, they are still here and
 * the next comparison finds it.
 */
export const onRepaired = (state: SessionState, path: DocPath, lost: readonly Uint8Array[]): Step => {
  const doc = state.docs.get(path)
  if (doc === undefined || state.phase !== 'ready') return step(state)
  const sends = lost.map(
    (bytes, index): Effect => ({
      type: 'send',
      frame: { type: 'push', ch: 0, shard: doc.shard, ref: state.nextRef + index, entries: [bytes] }
    })
  )
  const next = { ...state, nextRef: state.nextRef + lost.length }
  const given = withDoc(next, path, { check: null, repairing: false, refreshed: true })
  return andThen(step(given, ...sends), (after) => arrive(after, path))
}

const isLong = (doc: DocState): boolean =>
  doc.gap || doc.tailBytes > Math.max(SNAPSHOT_MIN_TAIL_BYTES, 2 * doc.snapshotBytes)

const mayCompact = (state: SessionState, doc: DocState | undefined): doc is DocState =>
  mayPush(state, doc) && doc.snap === null && doc.opaque === 0 && doc.waiting === 0 && doc.cursor.seq > 0 && isLong(doc)

export const compactIfLong = (state: SessionState, path: DocPath, { random }: Moment): Step =>
  mayCompact(state, state.docs.get(path))
    ? step(state, { type: 'set-timer', name: `compact:${path}`, ms: Math.round(COMPACT_JITTER_MS * random) })
    : step(state)

export const onCompactDue = (state: SessionState, path: DocPath): Step =>
  mayCompact(state, state.docs.get(path)) ? step(state, { type: 'build-snapshot', doc: path }) : step(state)

export const chunksOf = (snapshot: BuiltSnapshot): readonly SnapshotChunk[] => {
  const { from, to, hashTo, bytes } = snapshot
  const count = Math.max(1, Math.ceil(bytes.byteLength / SNAPSHOT_CHUNK_BYTES))
  return Array.from({ length: count }, (_, index) => ({
    from,
    to,
    hashTo,
    index,
    count,
    chunk: bytes.subarray(index * SNAPSHOT_CHUNK_BYTES, (index + 1) * SNAPSHOT_CHUNK_BYTES)
  }))
}

export const onBuilt = (state: SessionState, path: DocPath, snapshot: BuiltSnapshot | null): Step => {
  const doc = state.docs.get(path)
  if (snapshot === null || doc === undefined || state.phase !== 'ready' || doc.stage !== 'live') return step(state)
  const ref = state.nextRef
  const frames = chunksOf(snapshot).map(
    (chunk): Effect => ({ type: 'send', frame: { type: 'snap', ch: 0, shard: doc.shard, ref, ...chunk } })
  )
  return step({ ...withDoc(state, path, { snap: { ref, snapshot } }), nextRef: ref + 1 }, ...frames)
}
