import { expect, test } from 'vitest'
import { createRarely } from './rarely.ts'
import { createRoomTag } from './room-tag.ts'

test('a room has one tag, which does not tell its name', () => {
  const tag = createRoomTag('a secret')
  expect(tag('notes/today')).toMatch(/^[0-9a-f]{10}$/)
  expect(tag('notes/today')).toBe(createRoomTag('a secret')('notes/today'))
  expect(tag('notes/today')).not.toBe(tag('notes/tomorrow'))
  expect(createRoomTag('another')('notes/today')).not.toBe(tag('notes/today'))
})

test('of a thousand lines a second a few are written, and what was left out is told', () => {
  let now = 5_000
  const rarely = createRarely(3, () => now)
  const written: number[] = []
  for (let count = 0; count < 1_000; count++) rarely((leftOut) => written.push(leftOut))
  expect(written).toEqual([0, 0, 0])
  now += 1_000
  for (let count = 0; count < 2; count++) rarely((leftOut) => written.push(leftOut))
  expect(written).toEqual([0, 0, 0, 997, 0])
})
