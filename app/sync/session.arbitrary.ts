import fc from 'fast-check'
import type { DocPath, SealedRow } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { RelayFrame } from '#core/frames.ts'
import { type DeviceId, type Seq, type ShardId, seq } from '#core/ids.ts'
import { allRefusals, refusalCode } from '#core/refusal.ts'
import type { Effect, SessionEvent, Taken } from './session-words.ts'

/** What a session of two documents may hear, from its relay and from its own device. */

const DOCS = ['keyring', 'journal/2026/0'] as DocPath[]
const shardOf = (doc: DocPath): ShardId => (doc === 'keyring' ? 'aa' : 'bb').repeat(16) as ShardId
const hash = (n: number): Uint8Array => new Uint8Array(16).fill(n)
const hashAt = (n: number): Uint8Array => (n === 0 ? EMPTY_CHAIN_HASH : hash(n))

const anyDoc = fc.constantFrom(...DOCS)
const anySeq = fc.integer({ min: 0, max: 5 }).map((n) => n as Seq)
export const anyRow = fc.integer({ min: 1, max: 4 }).map(
  (counter): SealedRow => ({
    counter,
    bytes: new Uint8Array(100),
    digest: hash(counter),
    innerHash: hash(counter),
    rows: [],
    epoch: 0
  })
)
const channel = { ch: 0 }
const snapshotChunk = fc.record({
  from: fc.constant(1 as Seq),
  to: fc.constant(4 as Seq),
  hashTo: fc.constant(hash(4)),
  index: fc.integer({ min: 0, max: 2 }),
  count: fc.constant(3),
  chunk: fc.constant(new Uint8Array(4))
})

const anyFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  fc.constant<RelayFrame>({
    type: 'challenge',
    ...channel,
    challenge: new Uint8Array(32),
    relayKey: new Uint8Array(32)
  }),
  fc.constant<RelayFrame>({ type: 'ready', ...channel, floor: 0 }),
  fc.tuple(anyDoc, anySeq).map(
    ([doc, at]): RelayFrame => ({
      type: 'head',
      ...channel,
      shard: shardOf(doc),
      seq: at,
      hash: hashAt(at),
      peers: 1
    })
  ),
  fc.tuple(anyDoc, anySeq).map(
    ([doc, at]): RelayFrame => ({
      type: 'entries',
      ...channel,
      shard: shardOf(doc),
      from: seq(at + 1),
      items: [{ kind: 'digest', digest: new Uint8Array(32) }]
    })
  ),
  fc.tuple(anyDoc, fc.integer({ min: 1, max: 9 }), anySeq).map(
    ([doc, ref, at]): RelayFrame => ({
      type: 'ack',
      ...channel,
      shard: shardOf(doc),
      ref,
      seqs: [at],
      hash: hashAt(at)
    })
  ),
  fc
    .tuple(anyDoc, snapshotChunk)
    .map(([doc, chunk]): RelayFrame => ({ type: 'snapshot', ...channel, shard: shardOf(doc), ...chunk })),
  fc
    .tuple(fc.option(anyDoc), fc.option(fc.integer({ min: 1, max: 9 })), fc.constantFrom(...allRefusals(), undefined))
    .map(
      ([doc, ref, name]): RelayFrame => ({
        type: 'nack',
        ...channel,
        shard: doc === null ? undefined : shardOf(doc),
        ref: ref ?? undefined,
        code: name === undefined ? 99 : refusalCode(name),
        retryAfterMs: 0,
        detail: new Uint8Array(0)
      })
    ),
  fc.constant<RelayFrame>({ type: 'pause', ms: 1_000 }),
  fc.constant<RelayFrame>({ type: 'goaway', retryAfterMs: 1_000 })
)

const taken = (at: Seq): Taken => ({
  cursor: { seq: at, hash: hashAt(at) },
  opaque: 0,
  waiting: 0,
  tailBytes: 0,
  snapshotBytes: 0,
  held: seq(0),
  ownSeq: seq(0),
  own: [],
  foreign: 1,
  invalid: 0,
  cloned: false,
  check: null
})

export const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 6, arbitrary: anyFrame.map((frame): SessionEvent => ({ type: 'frame', frame })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<SessionEvent>(
      { type: 'start' },
      { type: 'opened' },
      { type: 'retry' },
      { type: 'urgent' },
      { type: 'malformed' },
      { type: 'closed', code: 1006 }
    )
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<SessionEvent>(
      { type: 'timer', name: 'reconnect' },
      { type: 'timer', name: 'resume' },
      { type: 'timer', name: 'watch' }
    )
  },
  { weight: 1, arbitrary: anyDoc.map((doc): SessionEvent => ({ type: 'timer', name: `flush:${doc}` })) },
  { weight: 1, arbitrary: anyDoc.map((doc): SessionEvent => ({ type: 'timer', name: `repair:${doc}` })) }
)

/** What log and vault could answer to an effect, chosen by the arbitrary numbers of the run. */
export const answerTo = (effect: Effect, choice: number, rows: readonly SealedRow[]): SessionEvent | undefined => {
  switch (effect.type) {
    case 'survey':
      return {
        type: 'surveyed',
        devices: [],
        docs: DOCS.map((path) => ({
          path,
          shard: shardOf(path),
          cursor: { seq: seq(0), hash: EMPTY_CHAIN_HASH },
          check: choice % 5 === 0 ? 'fork' : null,
          gap: false,
          opaque: choice % 3,
          waiting: 0,
          tailBytes: 0,
          snapshotBytes: 0,
          held: seq(0),
          ownSeq: seq(0)
        }))
      }
    case 'authenticate':
      return { type: 'signed', certificate: new Uint8Array(1), signature: new Uint8Array(64), host: 'h', admission: '' }
    case 'take':
      return choice % 4 === 0
        ? { type: 'astray', doc: effect.doc, cursor: { seq: seq(choice % 5), hash: hashAt(choice % 5) } }
        : { type: 'taken', doc: effect.doc, taken: taken(seq(effect.from)), devices: ['dd'.repeat(8) as DeviceId] }
    case 'seal':
      return {
        type: 'sealed',
        doc: effect.doc,
        rows: rows.filter(({ counter }) => !effect.except.includes(counter)),
        waiting: rows.length,
        seq: seq(0),
        refused: 0
      }
    case 'acknowledge':
      return { type: 'acknowledged', doc: effect.doc, waiting: 0, seq: seq(0) }
    case 'rewind':
      return {
        type: 'rewound',
        doc: effect.doc,
        reason: effect.reason,
        cursor: { seq: seq(0), hash: EMPTY_CHAIN_HASH }
      }
    case 'compare':
      return { type: 'compared', doc: effect.doc, missing: choice % 2 === 0, gap: false }
    case 'repair':
      return { type: 'repaired', doc: effect.doc, lost: [] }
    default:
      return undefined
  }
}

/** Dialled, let in, both documents read to their end: so that at least one story comes to a push. */
export const HAPPY: [SessionEvent, number, SealedRow[]][] = [
  { type: 'start' } as const,
  { type: 'opened' } as const,
  {
    type: 'frame',
    frame: { type: 'challenge', ...channel, challenge: new Uint8Array(32), relayKey: new Uint8Array(32) }
  } as const,
  { type: 'frame', frame: { type: 'ready', ...channel, floor: 0 } } as const,
  ...DOCS.map((doc) => ({
    type: 'frame' as const,
    frame: { type: 'head' as const, ...channel, shard: shardOf(doc), seq: seq(0), hash: EMPTY_CHAIN_HASH, peers: 0 }
  }))
].map((event) => [
  event,
  3,
  [{ counter: 1, bytes: new Uint8Array(9), digest: hash(1), innerHash: hash(1), rows: [], epoch: 0 }]
])
