import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyBytes, anySeq, anyShard, anyUint, codecLaws, someBytes } from './codec.arbitrary.ts'
import { decodeDeviceFrame } from './frame-codec-device.ts'
import { decodeRelayFrame, ENTRIES_OVERHEAD_BYTES, encodeRelayFrame, ITEM_OVERHEAD_BYTES } from './frame-codec-relay.ts'
import { anyChunk } from './frames.arbitrary.ts'
import type { LogItem, RelayFrame } from './frames.ts'

const type = <Type extends string>(name: Type) => fc.constant(name)
const maybe = <Value>(any: fc.Arbitrary<Value>) => fc.option(any, { nil: undefined })
const anyItem: fc.Arbitrary<LogItem> = fc.oneof(
  fc.record({ kind: type('entry'), bytes: someBytes(60) }),
  fc.record({ kind: type('digest'), digest: anyBytes(32) })
)

const anyByType: { readonly [Type in RelayFrame['type']]: fc.Arbitrary<Extract<RelayFrame, { type: Type }>> } = {
  challenge: fc.record({ type: type('challenge'), ch: anyUint, challenge: anyBytes(32), relayKey: anyBytes(32) }),
  ready: fc.record({ type: type('ready'), ch: anyUint, floor: anyUint }),
  nack: fc.record({
    type: type('nack'),
    ch: anyUint,
    shard: maybe(anyShard),
    ref: maybe(anyUint),
    code: anyUint,
    retryAfterMs: anyUint,
    detail: someBytes(60)
  }),
  entries: fc.record({
    type: type('entries'),
    ch: anyUint,
    shard: anyShard,
    from: anySeq,
    items: fc.array(anyItem, { maxLength: 4 })
  }),
  snapshot: fc
    .tuple(fc.record({ type: type('snapshot'), ch: anyUint, shard: anyShard }), anyChunk)
    .map(([frame, chunk]) => ({ ...frame, ...chunk })),
  head: fc.record({
    type: type('head'),
    ch: anyUint,
    shard: anyShard,
    seq: anySeq,
    hash: anyBytes(16),
    peers: anyUint
  }),
  ack: fc.record({
    type: type('ack'),
    ch: anyUint,
    shard: anyShard,
    ref: anyUint,
    seqs: fc.array(anySeq, { maxLength: 4 }),
    hash: anyBytes(16)
  }),
  tier: fc.record({ type: type('tier'), ch: anyUint, shard: anyShard, seq: anySeq, tier: anyUint }),
  ephemeral: fc.record({
    type: type('ephemeral'),
    ch: anyUint,
    shard: anyShard,
    frames: fc.array(someBytes(60), { maxLength: 4 })
  }),
  erased: fc.record({ type: type('erased'), ch: anyUint, proof: someBytes(140), receipt: someBytes(120) }),
  time: fc.record({ type: type('time'), t0: anyUint, t1: anyUint, t2: anyUint }),
  pause: fc.record({ type: type('pause'), ms: anyUint }),
  goaway: fc.record({ type: type('goaway'), retryAfterMs: anyUint })
}

for (const [name, any] of Object.entries(anyByType)) {
  codecLaws<RelayFrame>(`a relay’s ${name} frame`, any, { encode: encodeRelayFrame, decode: decodeRelayFrame })
}

test('no frame of the relay is one of a device', () => {
  fc.assert(
    fc.property(fc.oneof(...Object.values(anyByType)), (frame) => {
      expect(decodeDeviceFrame(encodeRelayFrame(frame)).ok).toBe(false)
    })
  )
})

test('the room named for an ENTRIES frame holds whatever its numbers are', () => {
  const frame = {
    type: 'entries',
    ch: Number.MAX_SAFE_INTEGER,
    shard: '0'.repeat(32) as never,
    from: Number.MAX_SAFE_INTEGER as never
  } as const
  const items: LogItem[] = [{ kind: 'entry', bytes: new Uint8Array(999_000) }]
  expect(encodeRelayFrame({ ...frame, items }).byteLength - 999_000).toBeLessThanOrEqual(
    ENTRIES_OVERHEAD_BYTES + ITEM_OVERHEAD_BYTES
  )
})
