import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { HUNT_USAGE, type HuntOptions, readHuntOptions } from './hunt-options.ts'
import * as open from './open-world/run.ts'
import { addCounts, type Counts } from './world/counts.ts'
import { moveCommand, runMove } from './world/moving/move.ts'
import { relaysCommand, runRelays } from './world/relays/run.ts'
import type { Outcome } from './world/run.ts'
import * as sealed from './world/run.ts'

/** The long run of the seeded worlds, and one of them with its story. Found seeds become named tests in testing/world/found.test.ts. */

const refuse = (line: string): never => {
  console.error(`${line}\n${HUNT_USAGE}`)
  process.exit(2)
}

if (process.argv.includes('--help')) {
  console.log(HUNT_USAGE)
  process.exit()
}
const asked = readHuntOptions(process.argv.slice(2))
const options = asked.ok ? asked.value : refuse(asked.error)
const { relays } = options

interface Hunted {
  readonly run: (seed: number) => Promise<Outcome>
  /** What runs it again. */
  readonly again: (seed: number) => string
}

const WORLDS: Readonly<Record<Exclude<HuntOptions['world'], 'cluster'>, Hunted>> = {
  sealed: { run: (seed) => sealed.runWorld({ seed, relays }), again: (seed) => sealed.rerunCommand(seed, relays) },
  open: { run: (seed) => open.runWorld({ seed, relays }), again: (seed) => open.rerunCommand(seed, relays) },
  moving: { run: (seed) => runMove({ seed }), again: moveCommand },
  independent: { run: (seed) => runRelays({ seed }), again: relaysCommand }
}
const { run, again } = WORLDS[options.world === 'cluster' ? 'sealed' : options.world]

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
  const { problems, trace, counts } = await run(seed)
  for (const line of trace) console.log(line)
  console.log(Object.fromEntries([...counts].sort()))
  console.log(problems.length === 0 ? `seed ${seed} holds` : problems.join('\n'))
  process.exitCode = problems.length === 0 ? 0 : 1
}

const work = async ({ from, count, step }: Batch): Promise<void> => {
  for (let seed = from; seed < from + count * step; seed += step) {
    const began = performance.now()
    const { problems, counts } = await run(seed).catch((thrown: unknown) => ({
      problems: [thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)],
      counts: new Map<string, number>()
    }))
    parentPort?.postMessage({ seed, problems, counts: [...counts], ms: performance.now() - began } satisfies Finding)
  }
}

const hunt = async (): Promise<void> => {
  const { seeds, from } = options
  const workers = Math.min(seeds, options.workers)
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
  const failed = await huntCluster(options)
  process.exit(failed === 0 ? 0 : 1)
}

if (!isMainThread) await work(workerData as Batch)
else if (options.world === 'cluster') await huntProcesses()
else if (options.seed !== undefined) await tellStory(options.seed)
else await hunt()
