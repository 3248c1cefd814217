/** One question: which word stands at this place? */
export interface Question {
  /** From 0. */
  readonly index: number
  readonly options: readonly string[]
}

/** Fisher-Yates. @param random 0 <= r < 1 */
const shuffled = <T>(items: readonly T[], random: () => number): T[] => {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}

/** Three places of the phrase, each with the right word among four of its own words: none of it leads to a stranger's word. */
export const phraseQuiz = (words: readonly string[], random: () => number): readonly Question[] =>
  shuffled([...words.keys()], random)
    .slice(0, 3)
    .sort((a, b) => a - b)
    .map((index) => {
      const right = words[index] as string
      const others = shuffled(
        [...new Set(words)].filter((word) => word !== right),
        random
      ).slice(0, 3)
      return { index, options: shuffled([right, ...others], random) }
    })
