import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asciiToBytes, bytesEqual, bytesToBase64Url, bytesToHex, concatBytes, hexToBytes } from './bytes.ts'
import { someBytes } from './codec.arbitrary.ts'

test('hexadecimal comes back as it was written', () => {
  fc.assert(
    fc.property(someBytes(64), (bytes) => {
      expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes)
      expect(bytesToHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
    })
  )
  expect(() => hexToBytes('abc')).toThrow()
  expect(() => hexToBytes('zz')).toThrow()
})

test('base64url is that of RFC 4648 without padding', () => {
  fc.assert(
    fc.property(someBytes(64), (bytes) => {
      expect(bytesToBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
    })
  )
})

test('byte strings are equal by length and content', () => {
  fc.assert(
    fc.property(someBytes(8), someBytes(8), (a, b) => {
      expect(bytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0)
      expect(concatBytes(a, b)).toEqual(new Uint8Array(Buffer.concat([a, b])))
    })
  )
})

test('ASCII is nothing above 127', () => {
  expect(asciiToBytes('council')).toEqual(new TextEncoder().encode('council'))
  expect(() => asciiToBytes('é')).toThrow()
})
