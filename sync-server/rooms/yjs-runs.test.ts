import { expect, test } from 'vitest'
import { readUpdate } from './yjs.ts'

test('a skip of no length leaves a run whole, and one of some length parts it', () => {
  // One client, 5, of three structs from clock 10 on: one collected, a skip, one collected. No deletions.
  const withSkip = (length: number) => readUpdate(new Uint8Array([1, 3, 5, 10, 0, 1, 10, length, 0, 1, 0]))
  const runsOf = (length: number) => {
    const facts = withSkip(length)
    return facts.ok ? facts.value.runs.get(5) : undefined
  }
  expect(runsOf(0)).toEqual([[10, 12]])
  expect(runsOf(3)).toEqual([
    [10, 11],
    [14, 15]
  ])
})
