import { openFailingStore } from './disks.ts'
import { FAULTS, type Fault } from './faults.ts'
import { type Outcome, playStrike } from './run.ts'
import { openStage, STAGES, type Stage } from './stages.ts'
import { tellOutcome } from './telling.ts'

/**
 * The long run of faults with real processes: `npm run hunt -- --cluster --seeds 20 [--from 1] [--only "kill -9"]`. Every fault, that many times,
 * each with other people, another relay and another moment. @returns how many failed
 */
export interface HuntOptions {
  readonly seeds: number
  readonly from: number
  /** Part of a fault's name. */
  readonly only: string
}

const worst = (a: Outcome, b: Outcome): Outcome => ({
  problems: [...a.problems, ...b.problems],
  edits: a.edits + b.edits,
  acknowledged: a.acknowledged + b.acknowledged,
  longest: {
    openMs: Math.max(a.longest.openMs, b.longest.openMs),
    ackMs: Math.max(a.longest.ackMs, b.longest.ackMs),
    sealedMs: Math.max(a.longest.sealedMs, b.longest.sealedMs)
  },
  refusals: new Map([...a.refusals].concat([...b.refusals]).map(([code]) => [code, sum(code, a, b)]))
})

const sum = (code: number, a: Outcome, b: Outcome): number => (a.refusals.get(code) ?? 0) + (b.refusals.get(code) ?? 0)

const play = async (stage: Stage, fault: Fault, seed: number): Promise<Outcome> => {
  // Each has rooms and journals of its own, also where faults share a stage.
  const people = seed * FAULTS.length + FAULTS.indexOf(fault) + 1
  const outcome = await playStrike(stage.cluster, fault.strike(stage), people)
  for (const problem of outcome.problems) console.log(`${fault.name}, seed ${seed}: ${problem}`)
  return outcome
}

export const huntCluster = async ({ seeds, from, only }: HuntOptions): Promise<number> => {
  await using disk = await openFailingStore()
  let failed = 0
  for (const name of STAGES) {
    const faults = FAULTS.filter((fault) => fault.stage === name && fault.name.includes(only))
    if (faults.length === 0) continue
    console.log(`\nRelays that hear each other ${name}:`)
    await using stage = await openStage(name, disk)
    for (const fault of faults) {
      let all: Outcome | undefined
      for (let seed = from; seed < from + seeds; seed++) {
        const outcome = await play(stage, fault, seed)
        if (outcome.problems.length > 0) failed++
        all = all === undefined ? outcome : worst(all, outcome)
      }
      if (all !== undefined) console.log(tellOutcome(`${fault.name} (${seeds})`, all))
    }
  }
  return failed
}
