import fc from 'fast-check'
import { createDecoder } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarUint } from 'lib0/encoding'
import { expect, test } from 'vitest'
import { anyUint } from './codec.arbitrary.ts'
import { decode, encode, readBytes, readList, readText, readVarUint } from './wire.ts'

const written = (value: number): Uint8Array => {
  const encoder = createEncoder()
  writeVarUint(encoder, value)
  return toUint8Array(encoder)
}
const MALFORMED = { ok: false, error: 'malformed' }

test('[EN1] a number has one encoding, the shortest', () => {
  fc.assert(
    fc.property(anyUint, fc.integer({ min: 1, max: 3 }), (value, extra) => {
      const shortest = written(value)
      expect(decode(shortest, readVarUint)).toEqual({ ok: true, value })
      const longer = new Uint8Array(shortest.byteLength + extra).fill(0x80)
      longer.set(shortest)
      longer[shortest.byteLength - 1] = (shortest.at(-1) ?? 0) | 0x80
      longer[longer.byteLength - 1] = 0
      expect(decode(longer, readVarUint)).toEqual(MALFORMED)
    })
  )
})

test('[EN1] a number above 2^53 - 1 is malformed', () => {
  expect(decode(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 15), readVarUint)).toEqual({
    ok: true,
    value: Number.MAX_SAFE_INTEGER
  })
  expect(decode(Uint8Array.of(128, 128, 128, 128, 128, 128, 128, 16), readVarUint)).toEqual(MALFORMED)
  expect(decode(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127), readVarUint)).toEqual(MALFORMED)
  expect(decode(new Uint8Array(12).fill(255), readVarUint)).toEqual(MALFORMED)
})

test('[EN3] a forged length is refused before its bytes are made', () => {
  const forged = encode((encoder) => writeVarUint(encoder, 60_000_000))
  // A view into a larger buffer: what lies behind the frame in memory is not part of it.
  const pooled = new Uint8Array(70_000_000).subarray(0, forged.byteLength)
  pooled.set(forged)
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 50; i++) expect(decode(pooled, (decoder) => readBytes(decoder, 64_000_000))).toEqual(MALFORMED)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000)
})

test('[EN3] a forged count is refused before its first item is read', () => {
  let reads = 0
  const decoder = createDecoder(encode((encoder) => writeVarUint(encoder, 90_000)))
  expect(() => readList(decoder, 100_000, () => reads++)).toThrow('too many')
  expect(reads).toBe(0)
})

test('[EN4] text that is not UTF-8 is malformed', () => {
  const text = (...bytes: number[]) => decode(Uint8Array.of(bytes.length, ...bytes), (decoder) => readText(decoder, 10))
  expect(text(0xc3, 0xa9)).toEqual({ ok: true, value: 'é' })
  expect(text(0xef, 0xbb, 0xbf, 0x61)).toEqual({ ok: true, value: '\uFEFFa' })
  for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) expect(text(...bytes)).toEqual(MALFORMED)
  expect(text(...new Array<number>(11).fill(0x61))).toEqual(MALFORMED)
})
