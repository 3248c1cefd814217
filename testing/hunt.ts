import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import * as open from './open-world/run.ts'
import { addCounts, type Counts } from './world/counts.ts'
import { moveCommand, runMove } from './world/moving/move.ts'
import { relaysCommand, runRelays } from './world/relays/run.ts'
import * as sealed from './world/run.ts'

/**
 * The long run: `npm run hunt -- --seeds 10000 [--from 1] [--workers n]`, and one seed with its story: `npm run hunt -- --seed 7`.
 * With `--world open` the world of open rooms. With `--relays 3` several relays over one store, with `--independent` two relays that know nothing of each other.
 * With `--cluster` real relay processes over a real Postgres, every fault so many times (`--only "kill -9"` for some).
 * With `--moving` it is the world in which a device takes over another phrase. Ends with 1 when a world failed; found seeds become named tests in testing/world/found.test.ts.
 */

const numberOf = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  const value = at === -1 ? fallback : Number(process.argv[at + 1])
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} wants a whole number`)
  return value
}

const { rerunCommand, runWorld } = process.argv.includes('open') ? open : sealed
const MOVING = process.argv.includes('--moving')
const RELAYS = numberOf('relays', 1)
const INDEPENDENT = process.argv.includes('--independent')
const run = MOVING
  ? runMove
  : INDEPENDENT
    ? runRelays
    : (options: { readonly seed: number }) => runWorld({ ...options, relays: RELAYS })
const again = MOVING ? moveCommand : INDEPENDENT ? relaysCommand : (seed: number): string => rerunCommand(seed, RELAYS)

interface Batch {
  readonly from: number
  readonly count: number
  readonly step: number
}

interface Finding {
  readonly seed: number
  readonly problems: readonly string[]
  readonly counts: [string, number][]
  readonly ms: number
}

const tellStory = async (seed: number): Promise<void> => {
  const { problems, trace, counts } = await run({ seed })
  for (const line of trace) console.log(line)
  console.log(Object.fromEntries([...counts].sort()))
  console.log(problems.length === 0 ? `seed ${seed} holds` : problems.join('\n'))
  process.exitCode = problems.length === 0 ? 0 : 1
}

const work = async ({ from, count, step }: Batch): Promise<void> => {
  for (let seed = from; seed < from + count * step; seed += step) {
    const began = performance.now()
    const { problems, counts } = await run({ seed }).catch((thrown: unknown) => ({
      problems: [thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)],
      counts: new Map<string, number>()
    }))
    parentPort?.postMessage({ seed, problems, counts: [...counts], ms: performance.now() - began } satisfies Finding)
  }
}

const hunt = async (): Promise<void> => {
  const [seeds, from] = [numberOf('seeds', 1_000), numberOf('from', 1)]
  const workers = Math.min(seeds, numberOf('workers', availableParallelism()))
  const began = performance.now()
  const found: Finding[] = []
  let all: Counts = new Map()
  let done = 0
  let slowest = { seed: 0, ms: 0 }
  const heard = (finding: Finding): void => {
    done++
    all = addCounts([all, new Map(finding.counts)])
    if (finding.ms > slowest.ms) slowest = { seed: finding.seed, ms: finding.ms }
    if (finding.problems.length > 0) {
      found.push(finding)
      console.log(`seed ${finding.seed} fails: ${finding.problems.join('; ')}\n  again: ${again(finding.seed)}`)
    }
    if (done % 500 === 0) console.log(`${done} of ${seeds}, ${found.length} failed`)
  }
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const count = Math.floor(seeds / workers) + (index < seeds % workers ? 1 : 0)
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { from: from + index, count, step: workers },
        argv: process.argv.slice(2)
      })
      worker.on('message', heard)
      return new Promise<void>((resolve, reject) => worker.once('error', reject).once('exit', () => resolve()))
    })
  )
  const seconds = (performance.now() - began) / 1_000
  console.log(Object.fromEntries([...all].sort()))
  console.log(
    `${done} seeds in ${seconds.toFixed(0)} s, slowest ${slowest.seed} (${slowest.ms.toFixed(0)} ms), ${found.length} failed`
  )
  process.exitCode = found.length === 0 ? 0 : 1
}

/** Real processes, one thing after the other: its figures are times. */
const huntProcesses = async (): Promise<void> => {
  const { huntCluster } = await import('./cluster/hunt.ts')
  const at = process.argv.indexOf('--only')
  const only = at === -1 ? '' : (process.argv[at + 1] ?? '')
  const failed = await huntCluster({ seeds: numberOf('seeds', 5), from: numberOf('from', 1), only })
  process.exit(failed === 0 ? 0 : 1)
}

if (!isMainThread) await work(workerData as Batch)
else if (process.argv.includes('--cluster')) await huntProcesses()
else if (process.argv.includes('--seed')) await tellStory(numberOf('seed', 1))
else await hunt()
