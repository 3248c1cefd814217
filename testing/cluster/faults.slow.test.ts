import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FailingStore, openFailingStore } from './disks.ts'
import { FAULTS } from './faults.ts'
import { playStrike } from './run.ts'
import { openStage, STAGES, type Stage } from './stages.ts'
import { forgetfulStore } from './strikes.ts'
import { tellOutcome } from './telling.ts'

/** Relay processes over one Postgres, each fault once. `npm run hunt -- --cluster` plays all of them, over and over. */

const quick = FAULTS.filter(({ isQuick }) => isQuick)
const stages = STAGES.filter((name) => quick.some(({ stage }) => stage === name))
const lines: string[] = []
let disk: FailingStore

beforeAll(async () => {
  disk = await openFailingStore()
})

afterAll(async () => {
  console.log(lines.join('\n'))
  await disk[Symbol.asyncDispose]()
})

describe.each(stages)('relays that hear each other %s', (name) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(name, disk)
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  test.each(quick.filter((fault) => fault.stage === name))('$name: nothing is lost', async (fault) => {
    // Each has rooms and journals of its own.
    const outcome = await playStrike(stage.cluster, fault.strike(stage), FAULTS.indexOf(fault) + 1)
    lines.push(tellOutcome(fault.name, outcome))
    expect(outcome.problems).toEqual([])
    expect(outcome.edits).toBeGreaterThan(50)
    expect(outcome.acknowledged).toBeGreaterThan(20)
    if (fault.isRefused) expect(outcome.refusals.size).toBeGreaterThan(0)
  })
  // Where there is no bus relays soon ask the store what it holds.
  if (name !== 'by nothing') return
  test('the oracle finds out a store that forgets', async () => {
    const strike = await forgetfulStore(disk.server)
    const { problems } = await playStrike(stage.cluster, strike, FAULTS.length + 1, 1_000)
    expect(problems).toContainEqual(expect.stringContaining('acknowledged lines are lost'))
    expect(problems).toContainEqual(expect.stringContaining('shown and lost'))
    expect(problems).toContainEqual(expect.stringContaining('not the one it acknowledged'))
  })
})
