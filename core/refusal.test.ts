import { expect, test } from 'vitest'
import { allRefusals, refusalCode, refusalFromCode, refusalRetry } from './refusal.ts'

test('every refusal has its own code, from 1 without gaps, and reads back', () => {
  const codes = allRefusals().map(refusalCode)
  expect([...codes].sort((a, b) => a - b)).toEqual(codes.map((_, index) => index + 1))
  for (const name of allRefusals()) expect(refusalFromCode(refusalCode(name))).toBe(name)
})

test('a code of a later version has no name', () => {
  expect(refusalFromCode(0)).toBeUndefined()
  expect(refusalFromCode(9_999)).toBeUndefined()
})

test('what lasts is never tried again, what passes is', () => {
  const by = (retry: string) => allRefusals().filter((name) => refusalRetry(name) === retry)
  expect(by('backoff')).toEqual(['root-full', 'relay-full', 'rate', 'paused', 'store'])
  expect(by('now')).toEqual(['unknown-channel', 'stale-challenge', 'epoch', 'fork', 'cas', 'not-authenticated'])
  expect(by('never')).toContain('erased')
})
