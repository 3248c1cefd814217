import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from './bytes.ts'
import type { DeviceId, RootId, Seq, ShardId } from './ids.ts'
import type { Result } from './result.ts'

/** Values on the wire, and the laws that each codec keeps. */

export const anyBytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
export const someBytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
export const anyUint: fc.Arbitrary<number> = fc.oneof(fc.nat(300), fc.maxSafeNat())
export const anySeq = anyUint as fc.Arbitrary<Seq>
const base64Url = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
export const anyRoot = fc
  .array(fc.constantFrom(...base64Url), { minLength: 22, maxLength: 22 })
  .map((letters) => letters.join('') as RootId)
const hex = (bytes: number) =>
  anyBytes(bytes).map((array) => [...array].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
export const anyShard = hex(16) as fc.Arbitrary<ShardId>
export const anyDevice = hex(8) as fc.Arbitrary<DeviceId>

interface Codec<Value> {
  readonly encode: (value: Value) => Uint8Array
  readonly decode: (bytes: Uint8Array) => Result<Value, 'malformed'>
}

const MALFORMED = { ok: false, error: 'malformed' }

/** @param rules ids the laws stand for, in the order: round trip and one encoding, exact length */
export const codecLaws = <Value>(name: string, any: fc.Arbitrary<Value>, { encode, decode }: Codec<Value>): void => {
  test(`${name} comes back as it was written`, () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(decode(encode(value))).toEqual({ ok: true, value })
      })
    )
  })

  test(`[EN2] ${name} cut at any byte, or with a byte left over, is malformed`, () => {
    fc.assert(
      fc.property(any, fc.nat(255), (value, extra) => {
        const bytes = encode(value)
        for (let length = 0; length < bytes.byteLength; length++) {
          expect(decode(bytes.subarray(0, length)), `cut at ${length}`).toEqual(MALFORMED)
        }
        expect(decode(concatBytes(bytes, Uint8Array.of(extra)))).toEqual(MALFORMED)
      }),
      { numRuns: 40 }
    )
  })

  test(`[EN1] ${name} has one encoding: whatever decodes is written the same way again`, () => {
    const flipped = fc.tuple(any, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = encode(value).slice()
      bytes[at % bytes.byteLength] = byte
      return bytes
    })
    let decoded = 0
    fc.assert(
      fc.property(fc.oneof({ arbitrary: flipped, weight: 4 }, someBytes(80)), (bytes) => {
        const result = decode(bytes)
        if (!result.ok) return
        decoded++
        expect(encode(result.value)).toEqual(bytes)
      }),
      { numRuns: 400 }
    )
    expect(decoded, 'some changed bytes still decode').toBeGreaterThan(0)
  })

  test(`[EN3] ${name} with a length or count beyond its bytes is malformed`, () => {
    fc.assert(
      fc.property(any, fc.nat(), (value, at) => {
        const bytes = encode(value)
        const cut = at % bytes.byteLength
        // 2^53 - 1 as varuint, in the place of whatever stood there: as a count, a length or a number.
        const forged = concatBytes(bytes.subarray(0, cut), Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 15))
        const result = decode(forged)
        if (result.ok) expect(encode(result.value)).toEqual(forged)
      })
    )
  })
}
