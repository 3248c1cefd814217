import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyBytes, anyDevice, anySeq, anyUint, codecLaws, someBytes } from './codec.arbitrary.ts'
import {
  decodeInner,
  decodeOuter,
  decodeSnapshotBody,
  encodeInner,
  encodeOuter,
  encodeSnapshotBody,
  type InnerEntry,
  padmeLength,
  type SnapshotBody
} from './entry.ts'
import { decodeEphemeralBody, encodeEphemeralBody } from './ephemeral.ts'
import { MAX_ENTRY_BYTES } from './limits.ts'
import { decodeFileInner, decodeSealedFile, encodeFileInner, encodeSealedFile } from './sealed-file.ts'

const anyOuter = fc.record({
  version: fc.constant(1),
  suite: fc.nat(255),
  kind: fc.nat(255),
  epoch: anyUint,
  nonce: anyBytes(12),
  ciphertext: fc.uint8Array({ minLength: 16, maxLength: 200 })
})
const anyInner: fc.Arbitrary<InnerEntry> = fc.record({
  device: anyDevice,
  counter: anyUint,
  prev: anyBytes(16),
  seen: fc.record({ relay: anyBytes(4), seq: anySeq, hash: anyBytes(16) }),
  flags: fc.nat(255),
  body: someBytes(300)
})
const anySnapshot: fc.Arbitrary<SnapshotBody> = fc
  .record({
    from: anySeq,
    to: anySeq,
    hashTo: anyBytes(16),
    covers: fc.array(
      fc.record({ device: anyDevice, counter: anyUint, innerHash: anyBytes(16), certificate: someBytes(128) }),
      { maxLength: 4 }
    ),
    document: someBytes(100)
  })
  .filter(({ from, to }) => from >= 1 && from <= to)

codecLaws('a snapshot body', anySnapshot, { encode: encodeSnapshotBody, decode: decodeSnapshotBody })
codecLaws('an ephemeral body', fc.record({ certificate: someBytes(128), payload: someBytes(100) }), {
  encode: encodeEphemeralBody,
  decode: decodeEphemeralBody
})
codecLaws('an inner entry', fc.record({ inner: anyInner, signature: anyBytes(64) }), {
  encode: ({ inner, signature }) => encodeInner(inner, signature),
  decode: decodeInner
})
codecLaws('the inside of a file', fc.record({ flags: fc.nat(255), body: someBytes(300) }), {
  encode: ({ flags, body }) => encodeFileInner(flags, body),
  decode: decodeFileInner
})

test('an entry comes back as it was written, and every byte of it belongs to it', () => {
  fc.assert(
    fc.property(anyOuter, (entry) => {
      const bytes = encodeOuter(entry)
      expect(decodeOuter(bytes)).toEqual({ ok: true, value: entry })
      const shortest = bytes.byteLength - entry.ciphertext.byteLength + 16
      for (let length = 0; length < shortest; length++) expect(decodeOuter(bytes.subarray(0, length)).ok).toBe(false)
    })
  )
})

test('a sealed file is told by its first three bytes and holds at least a tag', () => {
  fc.assert(
    fc.property(anyBytes(12), fc.uint8Array({ minLength: 16, maxLength: 80 }), (nonce, ciphertext) => {
      const bytes = encodeSealedFile({ nonce, ciphertext })
      expect(decodeSealedFile(bytes)).toEqual({ ok: true, value: { nonce, ciphertext } })
      for (let length = 0; length < 31; length++) expect(decodeSealedFile(bytes.subarray(0, length)).ok).toBe(false)
      for (const at of [0, 1, 2])
        expect(decodeSealedFile(bytes.map((byte, i) => (i === at ? byte + 1 : byte))).ok).toBe(false)
    })
  )
})

test('an entry longer than one frame, or of another version, is malformed', () => {
  const entry = { version: 1, suite: 1, kind: 1, epoch: 0, nonce: new Uint8Array(12), ciphertext: new Uint8Array(0) }
  const sized = (length: number) => encodeOuter({ ...entry, ciphertext: new Uint8Array(length - 16) })
  expect(decodeOuter(sized(MAX_ENTRY_BYTES)).ok).toBe(true)
  expect(decodeOuter(sized(MAX_ENTRY_BYTES + 1)).ok).toBe(false)
  expect(decodeOuter(encodeOuter({ ...entry, version: 2, ciphertext: new Uint8Array(16) })).ok).toBe(false)
})

/** Padmé by bit counting, as the paper's pseudo-code has it. */
const padmeByBits = (length: number): number => {
  if (length < 2) return length
  const exponent = length.toString(2).length - 1
  const mantissaBits = exponent.toString(2).length - (exponent === 0 ? 1 : 0)
  const step = 2n ** BigInt(Math.max(0, exponent - mantissaBits))
  return Number(((BigInt(length) + step - 1n) / step) * step)
}

test('[SE3] the padded length is that of Padmé: never shorter, at most 12 % longer, few different ones', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 27 }), (length) => {
      const padded = padmeLength(length)
      expect(padded).toBe(padmeByBits(length))
      expect(padded).toBeGreaterThanOrEqual(length)
      expect(padded).toBeLessThanOrEqual(Math.max(length * 1.12, length))
      expect(padmeLength(padded)).toBe(padded)
    }),
    { numRuns: 2_000 }
  )
  for (let exponent = 1; exponent <= 27; exponent++) {
    for (const length of [2 ** exponent - 1, 2 ** exponent, 2 ** exponent + 1])
      expect(padmeLength(length)).toBe(padmeByBits(length))
  }
  const lengths = new Set(Array.from({ length: 1_000_000 }, (_, n) => padmeLength(n)))
  expect(lengths.size).toBeLessThan(500)
})

test('[SE3] other padding, longer padding or a byte in it is malformed', () => {
  const inner: InnerEntry = {
    device: '00'.repeat(8) as never,
    counter: 1,
    prev: new Uint8Array(16),
    seen: { relay: new Uint8Array(4), seq: 0 as never, hash: new Uint8Array(16) },
    flags: 0,
    body: new Uint8Array(150)
  }
  const bytes = encodeInner(inner, new Uint8Array(64))
  expect(decodeInner(bytes).ok).toBe(true)
  const dirty = bytes.slice()
  dirty[dirty.byteLength - 1] = 1
  expect(decodeInner(dirty).ok).toBe(false)
  for (let more = 1; more < 300; more++) {
    const longer = new Uint8Array(bytes.byteLength + more)
    longer.set(bytes)
    expect(decodeInner(longer).ok, `${more} more`).toBe(false)
  }
})
