import { expect, test } from 'vitest'
import { type Place, parentPlace, parsePlace, placePath, settingsSections } from './places.ts'

const places: readonly Place[] = [
  { name: 'breathe' },
  { name: 'patterns' },
  { name: 'pattern', id: null },
  { name: 'pattern', id: 'x_-1' },
  { name: 'care', pattern: '4-7-8' },
  { name: 'session' },
  { name: 'journal', day: null },
  { name: 'journal', day: '2026-11-21' },
  { name: 'entry', practice: 'a b/c%' },
  { name: 'settings', section: null },
  ...settingsSections.map((section): Place => ({ name: 'settings', section })),
  { name: 'field' },
  { name: 'elsewhere' }
]

test('every place has a URL that leads back to it', () => {
  for (const place of places) expect(parsePlace(placePath(place))).toEqual(place)
  expect(new Set(places.map(placePath)).size).toBe(places.length)
})

test('a trailing slash does not matter', () => {
  expect(parsePlace('/journal/')).toEqual({ name: 'journal', day: null })
})

test.each([
  '/nowhere',
  '/journal/day/tomorrow',
  '/settings/none',
  '/session/2',
  '/care',
  '/%E0%A4%A',
  '/journal/day/2026-01-01/x'
])('%s is told to be no place', (path) => {
  expect(parsePlace(path)).toEqual({ name: 'unknown', path })
})

test('from every place Back leads home in a few steps', () => {
  for (const place of places) {
    let here = place
    for (let step = 0; step < 3; step++) here = parentPlace(here)
    expect(here).toEqual({ name: 'breathe' })
  }
})
