import { env } from 'node:process'
import { addCounts, type Counts } from './counts.ts'
import { type Outcome, rerunCommand, runWorld } from './run.ts'

/** How many seeds a test run lives through: few in every check (it is to stay under a minute), 200 in the whole test run (scripts/test.ts sets it). */
export const SEEDS = Number(env.WORLD_SEEDS ?? 16)

/** Where the few begin: in these worlds everything that must happen does. */
export const FIRST = 17

export const reportOf = (outcome: Outcome, relays = 1): string =>
  [
    `seed ${outcome.seed}: ${rerunCommand(outcome.seed, relays)}`,
    ...outcome.problems,
    ...outcome.trace.slice(-40)
  ].join('\n')

/** Lives through seeds until one fails. @returns what happened in all of them, and the first failure with its story. */
export const liveThrough = async (
  seeds: readonly number[],
  relays = 1
): Promise<{ readonly counts: Counts; readonly failure: string | undefined }> => {
  const all: Counts[] = []
  for (const seed of seeds) {
    const outcome = await runWorld({ seed, relays })
    if (outcome.problems.length > 0) return { counts: addCounts(all), failure: reportOf(outcome, relays) }
    all.push(outcome.counts)
  }
  return { counts: addCounts(all), failure: undefined }
}

/** Seeds from..to, every `step`-th: the suites share them out, so that two cores can live at once. */
export const seedsFrom = (from: number, step: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from + 1) / step)) }, (_, i) => from + i * step)
