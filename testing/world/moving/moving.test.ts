import { expect, test } from 'vitest'
import type { SyncParts } from '#app/sync/sync-parts.ts'
import { ok } from '#core/result.ts'
import { addCounts, type Counts } from '#testing/world/counts.ts'
import { SEEDS, seedsFrom } from '#testing/world/seeds.ts'
import { type MoveOutcome, moveCommand, runMove } from './move.ts'

const LONG = { timeout: 300_000 }

const reportOf = ({ seed, problems, trace }: MoveOutcome): string =>
  [`seed ${seed}: ${moveCommand(seed)}`, ...problems, ...trace.slice(-40)].join('\n')

/** What must have happened, or the seeds show nothing. */
const MUST_HAPPEN = [
  'arrived',
  'arrived with lines of its own',
  'taken over',
  'not taken over: relay-not-reached',
  'wrote'
]

test('[WO12] a phrase is taken over whatever happens to pages, network and relay', LONG, async () => {
  const all: Counts[] = []
  for (const seed of seedsFrom(1, 1, SEEDS)) {
    const outcome = await runMove({ seed })
    expect(outcome.problems, reportOf(outcome)).toEqual([])
    all.push(outcome.counts)
  }
  const counts = addCounts(all)
  expect(MUST_HAPPEN.filter((what) => !counts.has(what))).toEqual([])
})

/** Seeds that once failed; what a seed draws shifts when the worlds change: the titles keep what was learnt. */
const FOUND = [
  { seed: 8, what: 'the tab that was asked did not lead, and waited for ever for news of its own session' },
  { seed: 25, what: 'first keys were made while the relay was asked, and their root was never erased' },
  { seed: 42, what: 'the page went between two steps, and the next leader had led before and did not look' },
  { seed: 447, what: 'lines written after a crash in the middle of letting go were let go of too' }
]

test.each(FOUND)('[WO12] once found with seed $seed: $what', LONG, async ({ seed }) => {
  const outcome = await runMove({ seed })
  expect(outcome.problems, reportOf(outcome)).toEqual([])
})

const FLAWS: Readonly<Record<string, (parts: SyncParts) => SyncParts>> = {
  'is told nothing of documents that the keyring names': (parts) => ({
    ...parts,
    documents: { get: () => [], subscribe: () => () => {} }
  }),
  'lets go of what it should bring': (parts) => ({
    ...parts,
    log: { ...parts.log, reroot: () => parts.log.forget('all') }
  }),
  'forgets what a crash cut short': (parts) => ({
    ...parts,
    log: { ...parts.log, get: (key) => (key === 'sync/restore' ? Promise.resolve(ok(undefined)) : parts.log.get(key)) }
  }),
  'talks on while keys are exchanged': (parts) => ({ ...parts, channel: undefined })
}

test.each(Object.keys(FLAWS))('[WO11] [WO12] a world notices a sync that %s', LONG, async (name) => {
  const flaw = FLAWS[name]
  for (const seed of seedsFrom(1, 1, 60)) {
    const { problems } = await runMove({ seed, ...(flaw && { flaw }) })
    if (problems.length > 0) return
  }
  expect.fail('nobody noticed')
})
