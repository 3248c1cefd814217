import { expect, test } from 'vitest'
import { arrayOf, arrayOfHex, hexOf, packBytes, wholeOf } from './packing.ts'

test('bytes go one after the other, with where each begins and its size', () => {
  const packed = packBytes([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)])
  expect({ ...packed, bytes: [...packed.bytes] }).toEqual({ bytes: [1, 2, 3], ats: '{1,3,3}', sizes: '{2,0,1}' })
  expect(packBytes([])).toMatchObject({ ats: '{}', sizes: '{}' })
})

test('lists are array literals', () => {
  expect(arrayOf([1, 2])).toBe('{1,2}')
  expect(arrayOf(['Ab_-', 'c'])).toBe('{Ab_-,c}')
  expect(arrayOfHex([])).toBe('{}')
  expect(arrayOfHex(['00ff', ''])).toBe('{"\\\\x00ff","\\\\x"}')
  expect(hexOf('00ff')).toBe('\\x00ff')
})

test('no limit is a number that Postgres takes', () => {
  expect([1.9, Number.POSITIVE_INFINITY, 1e21].map(wholeOf)).toEqual([
    1,
    Number.MAX_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER
  ])
})
