import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { measureDisk } from '#bench/relay/disk.ts'
import { slowSyncEnv } from '#bench/relay/slow-sync.ts'
import { keepFigures, keptFigures, type Measured } from './figures.ts'
import { installPeers, PEER_VERSIONS } from './install.ts'
import { type Options, parseOptions } from './options.ts'
import { LOAD_CORES, SERVER_CORE } from './process.ts'
import { sectionOf, writeReport } from './report.ts'
import { runWorkload } from './run.ts'
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

/** A few of the servers are a look; they must not stand where all stood. */
const isKept = ({ servers }: Options): boolean =>
  servers === undefined || QUICK_SERVERS.every((name) => servers.includes(name))

const measureAll = async (options: Options, folder: string, slow: SlowDisk | undefined): Promise<void> => {
  const isSlowed = slow !== undefined
  const servers = serversOf(options).filter((name) => !isSlowed || concernsDisk(name))
  for (const workload of workloadsOf(options).filter(
    ({ slowDisk }) => !isSlowed || slowDisk === 'both' || (slowDisk === 'long' && !options.isQuick)
  )) {
    process.stderr.write(`${workload.id}${isSlowed ? ` +${FSYNC_MS} ms` : ''} `)
    const runs = runsOf(options, workload, isSlowed)
    const { isQuick } = options
    const fsync = measureDisk(folder, 4_096, 2_000)
    const before = loadavg()[0] ?? Number.NaN
    const outcome = await runWorkload(workload, { servers, runs, isQuick, ...(slow && { env: slow }) })
    if (outcome.table.size === 0 && outcome.flaws.size === 0) continue
    const load = [before, loadavg()[0] ?? Number.NaN] as const
    const chosen = options.servers && { servers: options.servers }
    const measured: Measured = { ...outcome, workload, runs, isQuick, ...chosen, fsync, load }
    console.log(`\n${sectionOf(measured)}`)
    if (isKept(options)) keepFigures(measured, isSlowed)
  }
}

const allKept = (isSlowed: boolean): readonly Measured[] =>
  WORKLOADS.flatMap((workload) => keptFigures(workload, isSlowed) ?? [])

const report = (): string =>
  writeReport({
    versions: { Node: process.version.slice(1), ...PEER_VERSIONS },
    cores: cpus().length,
    serverCore: SERVER_CORE,
    loadCores: LOAD_CORES,
    measured: allKept(false),
    slowed: allKept(true),
    slowedByMs: FSYNC_MS,
    notes: readFileSync(join(import.meta.dirname, 'NOTES.md'), 'utf8')
  })

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
    await measureAll(options.value, folder, undefined)
    const slow = serversOf(options.value).some((name) => serverNamed(name).durable) ? slowedDisk(folder) : undefined
    if (slow !== undefined) await measureAll(options.value, folder, slow)
    const seconds = Math.round((performance.now() - begun) / 1_000)
    if (!isKept(options.value)) {
      console.log(`\n${seconds} s; a look at a few, not kept`)
      return
    }
    const path = join(import.meta.dirname, 'RESULTS.md')
    writeFileSync(path, report())
    console.log(`\n${seconds} s; written to ${path}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
