import { err, ok, type Result } from '#core/result.ts'
import type { ServerName } from './servers.ts'

/** The words behind `npm run bench -- peers`. */
export interface Options {
  /** Ids of workloads; empty = all. */
  readonly workloads: readonly string[]
  /** undefined: those of the form. */
  readonly servers: readonly ServerName[] | undefined
  readonly isQuick: boolean
  /** undefined: what the form says (5, quick 1). */
  readonly runs: number | undefined
}

interface Known {
  readonly workloads: readonly string[]
  readonly servers: readonly ServerName[]
}

const listed = (word: string): readonly string[] => word.split(',').filter((each) => each !== '')

/** `A` stands for A50, A200 and As. */
const workloadsOf = (word: string, known: readonly string[]): readonly string[] => {
  const exact = known.filter((id) => id.toLowerCase() === word.toLowerCase())
  return exact.length > 0 ? exact : known.filter((id) => /^A/.test(id) && word.toUpperCase() === 'A')
}

export const parseOptions = (words: readonly string[], known: Known): Result<Options, string> => {
  const workloads: string[] = []
  let servers: readonly ServerName[] | undefined
  let isQuick = false
  let runs: number | undefined
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--quick') isQuick = true
    else if (word === '--runs') {
      runs = Number(rest.shift())
      if (!Number.isInteger(runs) || runs < 1) return err('--runs needs a whole number from 1')
    } else if (word === '--servers') {
      const names = listed(rest.shift() ?? '')
      const unknown = names.filter((name) => !known.servers.some((each) => each === name))
      if (names.length === 0 || unknown.length > 0) {
        return err(`--servers needs some of ${known.servers.join(',')}${unknown.length > 0 ? `, not ${unknown}` : ''}`)
      }
      servers = known.servers.filter((each) => names.includes(each))
    } else {
      const found = workloadsOf(word, known.workloads)
      if (found.length === 0) return err(`no workload ${word}; there are ${known.workloads.join(' ')}`)
      workloads.push(...found)
    }
  }
  return ok({ workloads, servers, isQuick, runs })
}
