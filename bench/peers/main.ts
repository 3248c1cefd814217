import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { measureDisk } from '#bench/relay/disk.ts'
import { slowSyncEnv } from '#bench/relay/slow-sync.ts'
import { installPeers, PEER_VERSIONS } from './install.ts'
import { type Options, parseOptions } from './options.ts'
import { LOAD_CORES, SERVER_CORE } from './process.ts'
import { sectionOf, writeReport } from './report.ts'
import { type Outcome, runWorkload } from './run.ts'
import { QUICK_SERVERS, SERVERS, type ServerName, serverNamed } from './servers.ts'
import type { Workload } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

/** `npm run bench -- peers [workloads…] [--quick] [--runs n] [--servers a,b]` */

const FSYNC_MS = 2

type SlowDisk = Readonly<Record<string, string>>

/** undefined where there is no C compiler. */
const slowedDisk = (folder: string): SlowDisk | undefined => {
  try {
    return slowSyncEnv(FSYNC_MS, folder)
  } catch {
    console.log('No C compiler (cc): the durable workloads are not repeated with a slower disk.')
    return undefined
  }
}

/** A disk made slower concerns those who write; beside them stands the bare broadcast. */
const concernsDisk = (name: ServerName): boolean => name === 'ws' || serverNamed(name).durable

const serversOf = ({ servers, isQuick }: Options): readonly ServerName[] =>
  servers ?? (isQuick ? QUICK_SERVERS : SERVERS.map(({ name }) => name))

const workloadsOf = ({ workloads, isQuick }: Options): readonly Workload[] =>
  WORKLOADS.filter(({ id, isLongOnly }) =>
    workloads.length > 0 ? workloads.includes(id) : !(isQuick && isLongOnly === true)
  )

const runsOf = (options: Options, workload: Workload, isSlowed: boolean): number =>
  options.runs ?? (options.isQuick ? 1 : isSlowed ? 1 : (workload.runs ?? 5))

const runAll = async (options: Options, slow: SlowDisk | undefined): Promise<readonly Outcome[]> => {
  const outcomes: Outcome[] = []
  const isSlowed = slow !== undefined
  const servers = serversOf(options).filter((name) => !isSlowed || concernsDisk(name))
  for (const workload of workloadsOf(options).filter(
    ({ slowDisk }) => !isSlowed || slowDisk === 'both' || (slowDisk === 'long' && !options.isQuick)
  )) {
    process.stderr.write(`${workload.id}${isSlowed ? ` +${FSYNC_MS} ms` : ''} `)
    const runs = runsOf(options, workload, isSlowed)
    const outcome = await runWorkload(workload, { servers, runs, isQuick: options.isQuick, ...(slow && { env: slow }) })
    if (outcome.table.size === 0 && outcome.flaws.size === 0) continue
    console.log(`\n${sectionOf(outcome)}`)
    outcomes.push(outcome)
  }
  return outcomes
}

export const run = async (words: readonly string[]): Promise<void> => {
  const known = { workloads: WORKLOADS.map(({ id }) => id), servers: SERVERS.map(({ name }) => name) }
  const options = parseOptions(words, known)
  if (!options.ok) {
    console.error(options.error)
    process.exitCode = 2
    return
  }
  installPeers()
  const folder = mkdtempSync(join(tmpdir(), 'council-peers-'))
  try {
    const begun = performance.now()
    const disk = measureDisk(folder, 4_096, 2_000)
    const before = loadavg()[0] ?? Number.NaN
    const outcomes = await runAll(options.value, undefined)
    const slow = serversOf(options.value).some((name) => serverNamed(name).durable) ? slowedDisk(folder) : undefined
    const slowed = slow === undefined ? [] : await runAll(options.value, slow)
    const text = writeReport({
      command: `npm run bench -- peers${words.map((word) => ` ${word}`).join('')}`,
      versions: { Node: process.version.slice(1), ...PEER_VERSIONS },
      cores: cpus().length,
      serverCore: SERVER_CORE,
      loadCores: LOAD_CORES,
      fsync: disk,
      load: [before, loadavg()[0] ?? Number.NaN],
      outcomes,
      slowFsync: slowed,
      slowFsyncMs: slow === undefined ? undefined : FSYNC_MS,
      notes: readFileSync(join(import.meta.dirname, 'NOTES.md'), 'utf8')
    })
    const isWhole = options.value.workloads.length === 0 && options.value.servers === undefined
    // A part of the tables must not stand where the whole stood.
    const path = join(import.meta.dirname, isWhole ? 'RESULTS.md' : '.peers/part.md')
    writeFileSync(path, text)
    console.log(`\n${Math.round((performance.now() - begun) / 1_000)} s; written to ${path}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
