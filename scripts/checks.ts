import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gapToText, readSpec, specGaps } from './spec-ids.ts'
import { gate, runToEnd, type StepResult, step } from './steps.ts'
import { counted, sumVitest } from './tally.ts'

const root = resolve(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules/.bin', name)

/**
 * Stores and mergers run in threads that read their TypeScript themselves: a hundred tests open one each, and half of their time was
 * reading the same files.
 */
const COMPILED = join(root, 'node_modules/.cache/compiled')

const specStep = (): Promise<StepResult> =>
  step('rules <-> tests', async () => {
    const { rules, tests } = readSpec(root)
    const gaps = specGaps(rules, tests)
    const unproved = gaps.filter((gap) => gap.kind === 'rule-without-test').length
    return { passed: rules.length - unproved, failed: gaps.length, output: gaps.map(gapToText).join('\n') }
  })

/** Runs a vitest project and counts its tests from its own report. */
export const vitestStep = (
  name: string,
  config: string,
  env: Readonly<Record<string, string>> = {}
): Promise<StepResult> =>
  step(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'council-'))
    const file = join(folder, 'report.json')
    const args = ['run', '--config', config, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`]
    try {
      return counted(await runToEnd(bin('vitest'), args, env), file, sumVitest)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

/**
 * Everything that needs no browser: under a minute.
 * @param env for the tests, e.g. how many seeded worlds they live through
 */
export const runChecks = async (env: Readonly<Record<string, string>> = {}): Promise<readonly StepResult[]> => [
  await gate('lint, format, walls', bin('biome'), ['check', '--max-diagnostics=60']),
  await gate('types', bin('tsc'), ['-p', 'tsconfig.json']),
  await gate('types of the pure rooms', bin('tsc'), ['-p', 'tsconfig.pure.json']),
  await gate('nothing unused', bin('knip'), []),
  await specStep(),
  await vitestStep('unit and contract', 'vitest.config.ts', { NODE_COMPILE_CACHE: COMPILED, ...env })
]
