import type { Counts } from '#testing/world/counts.ts'
import { untilAtRest } from '#testing/world/rest.ts'
import { judgeMove } from './judge.ts'
import { createPeople, type People } from './people.ts'
import { planMove } from './plan.ts'
import { createStage, type Stage, type StageOptions } from './stage.ts'

/**
 * Two phrases meet: whoever practises on B takes over the phrase of A, while pages are reloaded and closed at any step, the relay
 * dies and the network cuts. Played by the whole of sync (create-sync) and by the store, as the app joins them.
 */

export interface MoveOutcome {
  readonly seed: number
  readonly problems: readonly string[]
  readonly counts: Counts
  readonly trace: readonly string[]
}

export const moveCommand = (seed: number): string => `npm run hunt -- --moving --seed ${seed}`

const HEALING_MS = 2 * 3_600_000
const QUIET_MS = 40_000

const unsettled = async ({ a, b }: Stage, people: People): Promise<string | undefined> => {
  if (!people.hasMoved()) return 'b has not taken the words'
  for (const one of [a, b]) {
    const page = one.pages().find(({ leads }) => leads())
    if (page === undefined) return `${one.name} has no leader`
    const { status } = page.sync.sync.get()
    if (status.kind !== 'live' || status.waiting > 0) return `${one.name}: ${JSON.stringify(status)}`
    for (const each of one.pages()) {
      if (each.store.status.get().unsaved > 0) return `${each.name} has edits in memory only`
      if (each.sync.restore.unfinished.get() !== null) return `${each.name} is still at it`
    }
    const left = await page.log.get('sync/restore')
    if (!left.ok || left.value !== undefined) return `${one.name} has a note left`
  }
  return undefined
}

export const runMove = async (options: StageOptions): Promise<MoveOutcome> => {
  const stage = createStage(options)
  const { scheduler, problems } = stage
  const people = createPeople(stage)
  const span = planMove(stage, people)
  await scheduler.runWhile(() => problems.length === 0, span)
  stage.calmDown()
  const why = await untilAtRest({
    scheduler,
    quietMs: QUIET_MS,
    withinMs: HEALING_MS,
    hasFailed: () => problems.length > 0,
    unsettled: () => unsettled(stage, people)
  })
  if (why !== undefined) stage.fail(`never came to rest: ${why}`)
  if (problems.length === 0) await judgeMove(stage, people.promised)
  return { seed: options.seed, problems, counts: stage.counts, trace: scheduler.trace() }
}
