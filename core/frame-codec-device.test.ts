import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyBytes, anyRoot, anySeq, anyShard, anyUint, codecLaws, someBytes } from './codec.arbitrary.ts'
import { decodeDeviceFrame, encodeDeviceFrame } from './frame-codec-device.ts'
import { anyChunk } from './frames.arbitrary.ts'
import type { DeviceFrame } from './frames.ts'
import { MAX_FRAME_BYTES } from './limits.ts'

const type = <Type extends string>(name: Type) => fc.constant(name)
const entries = fc.array(someBytes(60), { maxLength: 4 })
const anyScope = fc.oneof(
  fc.record({ kind: type('root'), root: anyRoot }),
  fc.record({ kind: type('shard'), root: anyRoot, shard: anyShard })
)

const anyByType: { readonly [Type in DeviceFrame['type']]: fc.Arbitrary<Extract<DeviceFrame, { type: Type }>> } = {
  open: fc.record({ type: type('open'), ch: anyUint, root: anyRoot }),
  auth: fc.record({
    type: type('auth'),
    ch: anyUint,
    certificate: someBytes(170),
    signature: anyBytes(64),
    host: fc.string({ maxLength: 60, unit: 'grapheme' }),
    admission: fc.string({ maxLength: 60 })
  }),
  pull: fc.record({ type: type('pull'), ch: anyUint, shard: anyShard, after: anySeq, hashAfter: anyBytes(16) }),
  push: fc.record({ type: type('push'), ch: anyUint, shard: anyShard, ref: anyUint, entries }),
  snap: fc
    .tuple(fc.record({ type: type('snap'), ch: anyUint, shard: anyShard, ref: anyUint }), anyChunk)
    .map(([frame, chunk]) => ({ ...frame, ...chunk })),
  rotate: fc.record({ type: type('rotate'), ch: anyUint, ref: anyUint, entries, certificate: someBytes(170) }),
  ephemeral: fc.record({ type: type('ephemeral'), ch: anyUint, shard: anyShard, frame: someBytes(80) }),
  erase: fc.record({
    type: type('erase'),
    ch: anyUint,
    scope: anyScope,
    rootKey: anyBytes(32),
    signature: anyBytes(64)
  }),
  close: fc.record({ type: type('close'), ch: anyUint }),
  time: fc.record({ type: type('time'), t0: anyUint })
}

for (const [name, any] of Object.entries(anyByType)) {
  codecLaws<DeviceFrame>(`a device’s ${name} frame`, any, { encode: encodeDeviceFrame, decode: decodeDeviceFrame })
}

test('a frame longer than the bound, or of a type that is not the device’s, is malformed', () => {
  const frame = {
    type: 'push',
    ch: 0,
    shard: '0'.repeat(32) as never,
    ref: 0,
    entries: [new Uint8Array(998_900)]
  } as const
  expect(decodeDeviceFrame(encodeDeviceFrame(frame)).ok).toBe(true)
  const two = encodeDeviceFrame({ ...frame, entries: [new Uint8Array(500_000), new Uint8Array(500_000)] })
  expect(two.byteLength).toBeGreaterThan(MAX_FRAME_BYTES)
  expect(decodeDeviceFrame(two).ok).toBe(false)
  const close = encodeDeviceFrame({ type: 'close', ch: 0 })
  for (let number = 0; number < 256; number++) {
    expect(decodeDeviceFrame(close.map((byte, i) => (i === 0 ? number : byte))).ok).toBe(number === 9 || number === 10)
  }
})

test('a chunk names its place: inside its snapshot, and its snapshot inside the log', () => {
  const shard = '0'.repeat(32) as never
  const chunk = { hashTo: new Uint8Array(16), chunk: new Uint8Array(3) }
  const decodes = (from: number, to: number, index: number, count: number): boolean => {
    const stretch = { from: from as never, to: to as never, index, count }
    return decodeDeviceFrame(encodeDeviceFrame({ type: 'snap', ch: 0, shard, ref: 1, ...chunk, ...stretch })).ok
  }
  expect(decodes(1, 1, 0, 1)).toBe(true)
  for (const [from, to, index, count] of [
    [0, 1, 0, 1],
    [2, 1, 0, 1],
    [1, 1, 1, 1],
    [1, 1, 0, 0]
  ] as const) {
    expect(decodes(from, to, index, count)).toBe(false)
  }
})
