import { expect, test } from 'vitest'
import { phraseQuiz } from './quiz.ts'

const words = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ')

/** Mulberry32: the same run every time. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

test('three places in order, each with the right word once among four different ones', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const quiz = phraseQuiz(words, seeded(seed))
    expect(quiz).toHaveLength(3)
    expect(quiz.map(({ index }) => index)).toEqual(quiz.map(({ index }) => index).sort((a, b) => a - b))
    for (const { index, options } of quiz) {
      expect(options.filter((word) => word === words[index])).toHaveLength(1)
      expect(new Set(options).size).toBe(4)
    }
  }
})
