import { decodeErasureProof } from '#core/certificate.ts'
import type { RelayFrame } from '#core/frames.ts'
import { type RefusalName, refusalFromCode, refusalRetry } from '#core/refusal.ts'
import { rest } from './session-connection.ts'
import { fork, onHead } from './session-docs.ts'
import { type DocState, docOfShard, type Moment, type SessionState, type Step, step, withDoc } from './session-state.ts'
import type { WaitReason } from './status.ts'
import { afterAdviceMs, backoffMs } from './timing.ts'

/** What each frame of the relay means. A frame that fits nothing we asked for changes nothing. */
export const onFrame = (state: SessionState, frame: RelayFrame, moment: Moment): Step => {
  switch (frame.type) {
    case 'challenge':
      return state.phase === 'opening' && frame.ch === 0
        ? step(
            { ...state, phase: 'authenticating', relayKey: frame.relayKey },
            { type: 'authenticate', challenge: frame.challenge, relayKey: frame.relayKey }
          )
        : step(state)
    case 'ready':
      return onReady(state, frame.ch)
    case 'time':
      return step(state, { type: 'sample', t0: frame.t0, t1: frame.t1, t2: frame.t2 })
    case 'pause':
      return pause(state, moment, 'relay-paused', frame.ms)
    case 'goaway':
      return rest({ ...state, attempts: 0 }, moment, 'relay-paused', frame.retryAfterMs)
    case 'nack':
      return onNack(state, frame, moment)
    case 'erased':
      return step(state, { type: 'send', frame: { type: 'close', ch: frame.ch } })
    case 'tier':
      return step(state)
    default:
      return onShardFrame(state, frame, moment)
  }
}

const onReady = (state: SessionState, ch: number): Step =>
  state.phase === 'authenticating' && ch === 0
    ? step(
        { ...state, phase: 'ready', attempts: 0, obstacle: null, refreshPlanned: false },
        { type: 'present-erasures' },
        { type: 'probe' },
        { type: 'survey' }
      )
    : step(state)

type ShardFrame = Extract<RelayFrame, { readonly type: 'entries' | 'snapshot' | 'head' | 'ack' | 'ephemeral' }>

const onShardFrame = (state: SessionState, frame: ShardFrame, moment: Moment): Step => {
  const doc = frame.ch === 0 ? docOfShard(state, frame.shard) : undefined
  if (doc === undefined || doc.stage === 'idle' || state.phase !== 'ready') return step(state)
  switch (frame.type) {
    case 'entries':
      return step(state, {
        type: 'take',
        doc: doc.path,
        from: frame.from,
        items: frame.items,
        ownSeq: doc.ownSeq,
        readTo: doc.cursor.seq
      })
    case 'snapshot':
      return onChunk(state, doc, frame)
    case 'head':
      return onHead(state, doc, frame, moment)
    case 'ack':
      return onAck(state, doc, frame, moment)
    case 'ephemeral':
      return step(state, { type: 'hear-held', doc: doc.path, frames: frame.frames })
  }
}

/** A repeated chunk is passed over; one that does not continue the others begins anew or is left for the next PULL. */
const onChunk = (
  state: SessionState,
  doc: DocState,
  frame: Extract<RelayFrame, { readonly type: 'snapshot' }>
): Step => {
  const first = doc.chunks[0]
  const continues = first !== undefined && first.to === frame.to && first.count === frame.count
  if (continues && frame.index < doc.chunks.length) return step(state)
  const before = continues ? doc.chunks : []
  if (frame.index !== before.length) return step(state)
  const chunks = [...before, frame]
  if (chunks.length < frame.count) return step(withDoc(state, doc.path, { chunks }))
  return step(withDoc(state, doc.path, { chunks: [] }), { type: 'take-snapshot', doc: doc.path, chunks })
}

const onAck = (
  state: SessionState,
  doc: DocState,
  frame: Extract<RelayFrame, { readonly type: 'ack' }>,
  moment: Moment
): Step => {
  if (doc.snap?.ref === frame.ref) {
    const { snapshot } = doc.snap
    return step(withDoc(state, doc.path, { snap: null }), { type: 'compacted', doc: doc.path, snapshot, won: true })
  }
  if (doc.carry?.ref === frame.ref) return onCarried(state, doc, doc.carry.digests)
  if (doc.push?.ref !== frame.ref) return step(state)
  const { rows } = doc.push
  if (rows.length !== frame.seqs.length) return rest(state, moment, 'relay-not-reached')
  const pairs = rows.map((row, index) => ({ counter: row.counter, seq: frame.seqs[index] ?? doc.cursor.seq }))
  const acked = new Map(doc.acked)
  for (const { counter, seq } of pairs) acked.set(counter, seq)
  // What lies past the cursor is confirmed when it comes back in the log: until then a relay that loses it would not be noticed.
  const behind = pairs.filter(({ seq }) => seq <= doc.cursor.seq)
  const next = { ...withDoc(state, doc.path, { push: null, acked }), lastAck: moment.now }
  return step(next, { type: 'acknowledge', doc: doc.path, acks: behind })
}

const onCarried = (state: SessionState, doc: DocState, digests: readonly string[]): Step =>
  step(withDoc(state, doc.path, { carry: null }), { type: 'carried', doc: doc.path, digests })

/** The socket stays; nothing but answers goes out until then. */
const pause = (state: SessionState, moment: Moment, why: WaitReason, ms: number): Step => {
  const wait = ms > 0 ? afterAdviceMs(ms, moment) : backoffMs(state.attempts + 2, moment)
  return step(
    { ...state, attempts: state.attempts + 1, obstacle: { why, until: moment.now + wait } },
    { type: 'set-timer', name: 'resume', ms: wait }
  )
}

type Nack = Extract<RelayFrame, { readonly type: 'nack' }>

const REASON: Partial<Record<RefusalName, WaitReason>> = {
  'root-full': 'relay-full',
  'relay-full': 'relay-full',
  store: 'relay-full',
  rate: 'relay-paused',
  paused: 'relay-paused',
  expired: 'device-clock',
  unsupported: 'relay-newer',
  malformed: 'entry-refused',
  'too-large': 'entry-refused'
}

/** A refusal for ever is tried again after an hour all the same: the host may have changed their mind, or their relay. */
const NEVER_MS = 3_600_000

const onNack = (state: SessionState, nack: Nack, moment: Moment): Step => {
  if (nack.ch !== 0) return step(state)
  const name = refusalFromCode(nack.code)
  if (name === 'erased') return onErased(state, nack, moment)
  const doc = nack.shard === undefined ? undefined : docOfShard(state, nack.shard)
  if (doc !== undefined && name === 'fork') return doc.stage === 'pulling' ? fork(state, doc.path, moment) : step(state)
  if (doc?.snap && nack.ref === doc.snap.ref && name === 'cas') return onSnapLost(state, doc, doc.snap.snapshot)
  const why = (name && REASON[name]) ?? 'relay-refused'
  const retry = name === undefined ? 'backoff' : refusalRetry(name)
  if (doc === undefined) return onChannelRefused(state, why, retry, nack, moment)
  // What another relay took and this one never will is given to it as content.
  if (doc.carry !== null && doc.carry.ref === nack.ref && retry === 'never')
    return onCarried(state, doc, doc.carry.digests)
  const released = withDoc(state, doc.path, releaseOf(doc, nack.ref))
  if (name === 'unknown-channel' || name === 'not-authenticated' || name === 'stale-challenge')
    return rest(released, moment, 'relay-not-reached')
  return pause(released, moment, why, retry === 'never' ? NEVER_MS : nack.retryAfterMs)
}

const onChannelRefused = (state: SessionState, why: WaitReason, retry: string, nack: Nack, moment: Moment): Step => {
  if (retry === 'now') return rest(state, moment, 'relay-not-reached')
  return rest(state, moment, why, retry === 'never' ? NEVER_MS : nack.retryAfterMs)
}

/** What was refused is not under way any more: a push, a snapshot, or the PULL itself. */
const releaseOf = (doc: DocState, ref: number | undefined): Partial<DocState> => {
  if (ref === undefined) return { stage: 'idle' }
  if (doc.push?.ref === ref) return { push: null }
  if (doc.carry?.ref === ref) return { carry: null }
  return doc.snap?.ref === ref ? { snap: null } : {}
}

/** Whoever loses the race drops the snapshot: the winner's stands for the same entries. */
const onSnapLost = (state: SessionState, doc: DocState, snapshot: NonNullable<DocState['snap']>['snapshot']): Step =>
  step(withDoc(state, doc.path, { snap: null }), { type: 'compacted', doc: doc.path, snapshot, won: false })

const onErased = (state: SessionState, nack: Nack, moment: Moment): Step =>
  decodeErasureProof(nack.detail).ok
    ? step(state, { type: 'verify-erasure', proof: nack.detail })
    : rest(state, moment, 'relay-not-reached')
