import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Cluster } from '#bench/cluster/clusters.ts'
import { SERVER_CORE } from '#bench/peers/process.ts'
import { median, quantile } from '#bench/peers/statistics.ts'
import type { Figures } from '#bench/peers/workload.ts'
import { createWriter, type Writer } from '#bench/relay/writers.ts'
import { ensureCommand } from '#testing/services/debian-packages.ts'

/** Durable pushes a second through the relay, beside raw inserts of the same size into the same Postgres by pgbench. */

const ENTRY_BYTES = 300
const ROUNDS = 5

const secondsOf = (isQuick: boolean): number => (isQuick ? 2 : 4)

interface Part {
  readonly perSecond: number
  /** Microseconds each. */
  readonly relayCpu: number
  readonly storeCpu: number
}

const pushes = async (cluster: Cluster, writers: readonly Writer[], seconds: number, took: number[]): Promise<Part> => {
  await Promise.all(writers.map((writer) => writer.push()))
  const already = took.length
  const before = cluster.spent()
  const begun = performance.now()
  const end = begun + seconds * 1_000
  await Promise.all(
    writers.map(async (writer) => {
      while (performance.now() < end) took.push(await writer.push())
    })
  )
  const lasted = (performance.now() - begun) / 1_000
  const after = cluster.spent()
  const count = took.length - already
  return {
    perSecond: count / lasted,
    relayCpu: ((after.relays - before.relays) * 1e6) / count,
    storeCpu: ((after.store - before.store) * 1e6) / count
  }
}

/** One row a transaction, each with bytes of its own: what somebody would write who needs no order, no chain and no retry. */
const INSERT = `\\set root random(1, 1000000)
INSERT INTO raw_inserts (root, entry) VALUES (:root, decode(rpad(md5(:root::text), ${ENTRY_BYTES * 2}, '0'), 'hex'));
`

/** `prepared` saves the server the planning, `extended` is what a statement without a name costs, as poolers need it. */
type Asking = 'prepared' | 'extended'

/** To see how fast it is at all: asked for seconds instead, its clock would run while a thousand connections are made. */
const TRIED = 300

const pgbench = async (cluster: Cluster, writers: number, asking: Asking, each: number, script: string) => {
  const command = ensureCommand('pgbench', ['postgresql-15'], ['/usr/lib/postgresql/15/bin'])
  const before = cluster.spent().store
  const { stdout } = await promisify(execFile)(command, [
    ...['--no-vacuum', `--protocol=${asking}`, `--client=${writers}`, '--jobs=1'],
    ...[`--transactions=${each}`, `--file=${script}`, cluster.databaseUrl ?? '']
  ])
  return { perSecond: Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]), seconds: cluster.spent().store - before }
}

const inserts = async (
  cluster: Cluster,
  writers: number,
  asking: Asking,
  seconds: number,
  script: string
): Promise<Part> => {
  const few = Math.ceil(TRIED / writers)
  const tried = await pgbench(cluster, writers, asking, few, script)
  const each = Math.ceil((seconds * tried.perSecond) / writers)
  const all = await pgbench(cluster, writers, asking, few + each, script)
  return {
    perSecond: all.perSecond,
    relayCpu: 0,
    // What connecting costs is no part of an insert.
    storeCpu: ((all.seconds - tried.seconds) * 1e6) / (each * writers)
  }
}

const makeTable = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('CREATE TABLE raw_inserts (id bigserial PRIMARY KEY, root bigint NOT NULL, entry bytea NOT NULL)')
  await client.end()
}

interface BareRates {
  /** Calls a second of the relay's own function, under a name and without. */
  readonly named: number
  readonly unnamed: number
}

const BARE_CLIENT = join(import.meta.dirname, '../servers/bare-client.ts')

/** The same statement without a relay and a WebSocket before it, on the relay's core. Of one writer: with more the relay gathers them. */
const bareClient = async (cluster: Cluster, seconds: number): Promise<BareRates> => {
  const words = [process.execPath, BARE_CLIENT, cluster.databaseUrl ?? '', `${seconds}`, `${ENTRY_BYTES}`]
  const { stdout } = await promisify(execFile)('taskset', ['-c', SERVER_CORE, ...words])
  return JSON.parse(stdout) as BareRates
}

const medianOf = (parts: readonly Part[], field: keyof Part): number => median(parts.map((part) => part[field]))

/** All in turn, several times: a slow moment of the machine falls on all of them. */
export const measureAcknowledgements = async (cluster: Cluster, count: number, isQuick: boolean): Promise<Figures> => {
  await makeTable(cluster.databaseUrl ?? '')
  const folder = mkdtempSync(join(tmpdir(), 'council-pgbench-'))
  const script = join(folder, 'insert.sql')
  writeFileSync(script, INSERT)
  const host = `localhost:${cluster.relay(0).port}`
  const writers: Writer[] = []
  for (let i = 0; i < count; i++) writers.push(await createWriter(host, `bench-${i}`, ENTRY_BYTES))
  const seconds = secondsOf(isQuick)
  const took: number[] = []
  const [relay, prepared, unnamed]: [Part[], Part[], Part[]] = [[], [], []]
  const bare: BareRates[] = []
  try {
    for (let round = 0; round < (isQuick ? 2 : ROUNDS); round++) {
      relay.push(await pushes(cluster, writers, seconds, took))
      if (count === 1) bare.push(await bareClient(cluster, seconds))
      prepared.push(await inserts(cluster, count, 'prepared', seconds, script))
      unnamed.push(await inserts(cluster, count, 'extended', seconds, script))
    }
  } finally {
    for (const writer of writers) writer.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const ratioTo = (raw: readonly number[]): number =>
    median(relay.map(({ perSecond }, round) => perSecond / (raw[round] ?? Number.NaN)))
  const cpu = medianOf(relay, 'relayCpu') + medianOf(relay, 'storeCpu')
  return {
    perSecond: medianOf(relay, 'perSecond'),
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    relayCpu: medianOf(relay, 'relayCpu'),
    storeCpu: medianOf(relay, 'storeCpu'),
    prepared: medianOf(prepared, 'perSecond'),
    preparedCpu: medianOf(prepared, 'storeCpu'),
    unnamed: medianOf(unnamed, 'perSecond'),
    unnamedCpu: medianOf(unnamed, 'storeCpu'),
    ofPrepared: ratioTo(prepared.map(({ perSecond }) => perSecond)),
    ofUnnamed: ratioTo(unnamed.map(({ perSecond }) => perSecond)),
    ...(count === 1 && {
      bareNamed: median(bare.map(({ named }) => named)),
      bareUnnamed: median(bare.map((each) => each.unnamed)),
      ofBare: ratioTo(bare.map(({ named }) => named))
    }),
    cpuOfPrepared: medianOf(prepared, 'storeCpu') / cpu,
    cpuOfUnnamed: medianOf(unnamed, 'storeCpu') / cpu
  }
}
