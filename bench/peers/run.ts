import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { LOAD_CORES, SERVER_CORE } from './process.ts'
import type { ServerName } from './servers.ts'
import { median } from './statistics.ts'
import type { Figures, Table, Workload } from './workload.ts'

/** Runs are interleaved: each round takes every server once, so that a slow minute of the machine falls on all of them. */

export interface Outcome {
  /** Medians. */
  readonly table: Table
  /** Runs that did not converge, or failed, by server. */
  readonly flaws: ReadonlyMap<ServerName, readonly string[]>
}

const RUN_LIMIT_MS = 300_000

/** Runs a script of its own, with the load generator's cores and nobody else's memory. @returns the figures it printed */
export const measureApart = (
  script: string,
  words: readonly string[],
  limitMs: number,
  env: Readonly<Record<string, string>> = {}
): Promise<Figures> =>
  new Promise((done, fail) => {
    const child = spawn('taskset', ['-c', LOAD_CORES, process.execPath, script, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      // A group of its own: with a run that hangs its server ends too.
      detached: true
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-4_000)
    })
    const limit = setTimeout(() => {
      errors = `took longer than ${limitMs / 1_000} s`
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, limitMs)
    child.once('close', () => {
      clearTimeout(limit)
      const line = output.trim().split('\n').at(-1) ?? ''
      try {
        done(JSON.parse(line) as Figures)
      } catch {
        fail(new Error(errors.split('\n').find((each) => /Error|longer/.test(each)) ?? (errors || 'said nothing')))
      }
    })
  })

const measureOnce = (
  id: string,
  server: ServerName,
  form: string,
  env: Readonly<Record<string, string>>,
  limitMs: number
): Promise<Figures> =>
  measureApart(join(import.meta.dirname, 'measure.ts'), [id, server, form, JSON.stringify(env)], limitMs, {
    // Held to the load's cores it could not see that there is another.
    BENCH_SERVER_CORE: SERVER_CORE
  })

export const mediansOf = (figures: readonly Figures[]): Figures => {
  const keys = new Set(figures.flatMap((each) => Object.keys(each)))
  const has = (key: string): readonly number[] =>
    figures.map((each) => each[key]).filter((value): value is number => value !== undefined && value !== null)
  return Object.fromEntries([...keys].map((key) => [key, median(has(key))]))
}

export interface RoundOptions {
  readonly servers: readonly ServerName[]
  readonly runs: number
  readonly isQuick: boolean
  /** Added to the servers' environment. */
  readonly env?: Readonly<Record<string, string>>
}

export const runWorkload = async (workload: Workload, options: RoundOptions): Promise<Outcome> => {
  const { runs, isQuick, env = {} } = options
  const servers = workload.servers.filter((name) => options.servers.includes(name))
  const figures = new Map<ServerName, Figures[]>(servers.map((name) => [name, []]))
  const flaws = new Map<ServerName, string[]>(servers.map((name) => [name, []]))
  const begun = performance.now()
  for (let round = 0; round < runs; round++) {
    for (const name of servers) {
      try {
        const measured = await measureOnce(
          workload.id,
          name,
          isQuick ? 'quick' : 'full',
          env,
          workload.limitMs ?? RUN_LIMIT_MS
        )
        figures.get(name)?.push(measured)
        if (measured.converged === 0) flaws.get(name)?.push('did not converge')
      } catch (cause) {
        flaws.get(name)?.push(cause instanceof Error ? cause.message : String(cause))
      }
      process.stderr.write('.')
    }
  }
  process.stderr.write(` ${Math.round((performance.now() - begun) / 1_000)} s\n`)
  const measured = [...figures].filter(([, list]) => list.length > 0)
  return { flaws, table: new Map(measured.map(([name, list]) => [name, mediansOf(list)])) }
}
