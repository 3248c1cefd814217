import { spawn } from 'node:child_process'
import process from 'node:process'

/** What became of one step: a gate counts as one test, a suite as many as it ran. */
export type StepResult = {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  /** Shown when it failed. */
  readonly output: string
}

export type Ended = { readonly code: number; readonly output: string }

/** Runs a program of this house to its end, both streams in one text. Never rejects. */
export const runToEnd = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {}
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    const add = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })

export type Counted = { readonly passed: number; readonly failed: number; readonly output: string }

/** Runs one step and prints its line: name, outcome, time; and its output only if something failed. */
export const step = async (name: string, run: () => Promise<Counted>): Promise<StepResult> => {
  const begun = performance.now()
  const { passed, failed, output } = await run()
  const seconds = (performance.now() - begun) / 1000
  const outcome = failed > 0 ? `FAILED ${failed} of ${passed + failed}` : `ok ${passed}`
  console.log(`${name.padEnd(28)} ${outcome.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s`)
  if (failed > 0) console.log(`${output.trimEnd()}\n`)
  return { name, passed, failed, seconds, output }
}

/** A gate: passes or fails as a whole. */
export const gate = (name: string, command: string, args: readonly string[]): Promise<StepResult> =>
  step(name, async () => {
    const { code, output } = await runToEnd(command, args)
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output }
  })
