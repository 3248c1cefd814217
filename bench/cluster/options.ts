import { err, ok, type Result } from '#core/result.ts'

/** The words behind `npm run bench -- cluster`. */
export interface Options {
  /** Ids of sections; empty = all. */
  readonly sections: readonly string[]
  readonly isQuick: boolean
  /** undefined: what the section says. */
  readonly runs: number | undefined
}

export const parseOptions = (words: readonly string[], known: readonly string[]): Result<Options, string> => {
  const sections: string[] = []
  let isQuick = false
  let runs: number | undefined
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--quick') isQuick = true
    else if (word === '--runs') {
      runs = Number(rest.shift())
      if (!Number.isInteger(runs) || runs < 1) return err('--runs needs a whole number from 1')
    } else if (known.includes(word)) sections.push(word)
    else return err(`no section ${word}; there are ${known.join(' ')}`)
  }
  return ok({ sections, isQuick, runs })
}
