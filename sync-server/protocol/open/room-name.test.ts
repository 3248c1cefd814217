import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRoomName } from './room-name.ts'

const nameOf = (path: string): string | undefined => {
  const name = parseRoomName(path)
  return name.ok ? name.value : undefined
}

test('[OR1] a name is the path decoded once, whatever script it is in', () => {
  expect(nameOf('a')).toBe('a')
  expect(nameOf('a/b//.././c')).toBe('a/b//.././c')
  expect(nameOf('a%2Fb')).toBe('a/b')
  expect(nameOf('a%252Fb')).toBe('a%2Fb')
  expect(nameOf('a+b%20c')).toBe('a+b c')
  expect(nameOf('%F0%9F%8C%BF%C3%A9')).toBe('🌿é')
  expect(nameOf('e%CC%81')).not.toBe(nameOf('%C3%A9'))
  expect(nameOf('__proto__')).toBe('__proto__')
})

test('[OR1] what is no name is refused', () => {
  const wrong = [
    '',
    '%',
    '%4',
    '%zz',
    '%FF',
    '%C0%AF',
    '%ED%A0%80',
    'a%00b',
    '%0A',
    '%7F',
    '%C2%85',
    'é',
    'a b',
    'x'.repeat(256)
  ]
  for (const path of wrong) expect([path, nameOf(path)]).toEqual([path, undefined])
  expect(nameOf('x'.repeat(255))).toBe('x'.repeat(255))
  expect(nameOf('%F0%9F%8C%BF'.repeat(63))).toBe('🌿'.repeat(63))
  expect(nameOf('%F0%9F%8C%BF'.repeat(64))).toBeUndefined()
})

test('[OR1] every name comes back from its encoding, and no other does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (text) => {
      const isName = !/\p{Cc}/u.test(text) && new TextEncoder().encode(text).byteLength <= 255
      expect(nameOf(encodeURIComponent(text))).toBe(isName ? text : undefined)
    })
  )
})
