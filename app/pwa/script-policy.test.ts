import { expect, test } from 'vitest'
import { ownScript } from './script-policy.ts'

const base = 'https://relay.example.org/journal/day/2026-11-21'

test('a script of this origin passes, whole', () => {
  expect(ownScript('/sw.js', base)).toBe('https://relay.example.org/sw.js')
})

test.each([
  'https://elsewhere.example/sw.js',
  '//elsewhere.example/sw.js',
  'data:text/javascript,1',
  'blob:x',
  '/sealed',
  '/page.html'
])('%s does not become a worker', (address) => {
  expect(() => ownScript(address, base)).toThrow()
})
