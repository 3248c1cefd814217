import { expect, test } from 'vitest'
import { createNearest } from './nearest.ts'

const trip = (ms: number) => ({ t0: 0, t1: 0, t2: 0, t3: ms })

test('[DV31] live things go to the healthy relay with the shortest way; a little better is no reason to change', () => {
  const nearest = createNearest()
  expect(nearest.among([])).toBeNull()
  nearest.sample('far', trip(80))
  expect(nearest.among(['far'])).toBe('far')
  nearest.sample('near', trip(20))
  expect(nearest.among(['far', 'near'])).toBe('near')
  for (let i = 0; i < 7; i++) nearest.sample('far', trip(12))
  expect(nearest.among(['far', 'near'])).toBe('near')
  for (let i = 0; i < 7; i++) nearest.sample('far', trip(5))
  expect(nearest.among(['far', 'near'])).toBe('far')
})

test('[DV31] one slow answer says nothing, and a relay that is away is left at once', () => {
  const nearest = createNearest()
  for (const ms of [20, 21, 22]) nearest.sample('near', trip(ms))
  for (const ms of [60, 61, 62]) nearest.sample('far', trip(ms))
  expect(nearest.among(['near', 'far'])).toBe('near')
  nearest.sample('near', trip(900))
  expect(nearest.among(['near', 'far'])).toBe('near')
  expect(nearest.among(['far'])).toBe('far')
  // Until another answers, the last one is as good as any.
  expect(nearest.among([])).toBe('far')
})
