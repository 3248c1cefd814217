import { expect, test } from 'vitest'
import { blindChain, withoutDedupe, withoutSnapshotCompare } from './flaws.ts'
import { runWorld } from './run.ts'
import { seedsFrom } from './seeds.ts'
import type { WorldFlaws } from './world.ts'

/** One defence taken out each time: a world that does not notice would not notice a mistake there either. */

const LONG = { timeout: 300_000 }
/** The same for all, and the sound house holds in every one of them (worlds-odd, worlds-even). */
const SEEDS = seedsFrom(1, 1, 120)

/** Two snapshots of one shard rarely pass each other on the way: the seeds from where they do. */
const RACES = seedsFrom(110, 1, 400)

/** @param last where it was noticed last: a world that changes finds it elsewhere, and only then are the others asked. */
const firstProblem = async (
  flaws: WorldFlaws,
  last: number,
  overlook: readonly string[] = [],
  seeds = SEEDS
): Promise<string> => {
  for (const seed of [last, ...seeds]) {
    const { problems } = await runWorld({ seed, flaws, overlook })
    if (!problems[0]) continue
    // It is the missing defence that was noticed: the sound house holds in the same world.
    expect((await runWorld({ seed, overlook })).problems).toEqual([])
    return problems[0]
  }
  return 'nobody noticed'
}

test('[WO11] the world notices a relay that takes any snapshot', LONG, async () => {
  expect(await firstProblem({ store: withoutSnapshotCompare }, 32)).toMatch(/^\[WO\d\]/)
})

test('[WO11] a relay that takes any snapshot loses what was saved', LONG, async () => {
  expect(await firstProblem({ store: withoutSnapshotCompare }, 113, ['WO1'], RACES)).toMatch(/^\[WO\d\]/)
})

test('[WO11] the world notices a relay that stores the same bytes twice', LONG, async () => {
  expect(await firstProblem({ store: withoutDedupe }, 25)).toMatch(/^\[WO\d\]/)
})

test('[WO11] the world notices when the hash in PULL and HEAD says nothing of the history', LONG, async () => {
  expect(await firstProblem({ sha256: blindChain }, 31)).toMatch(/^\[WO\d\]/)
})

test('[WO11] the world notices a device that believes any snapshot to hold what it wrote', LONG, async () => {
  expect(await firstProblem({ device: 'no-covers-check' }, 1)).toMatch(/^\[WO\d\]/)
})

test('[WO11] the world notices a device that compares nothing after a snapshot or a fork', LONG, async () => {
  expect(await firstProblem({ device: 'no-comparison' }, 2)).toMatch(/^\[WO\d\]/)
})

test('[WO11] the world notices a device that sends before it stores', LONG, async () => {
  expect(await firstProblem({ device: 'send-before-store' }, 2)).toMatch(/^\[WO\d\]/)
})
