import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { Cluster } from '#bench/cluster/clusters.ts'
import { quantile } from '#bench/peers/statistics.ts'
import type { Figures } from '#bench/peers/workload.ts'
import { createWriter } from '#bench/relay/writers.ts'
import { ensureCommand } from '#testing/services/debian-packages.ts'

/** Durable pushes a second through the relay, beside raw inserts of the same size into the same Postgres by pgbench. */

const ENTRY_BYTES = 300

const seconds = (isQuick: boolean): number => (isQuick ? 3 : 6)

const measureRelay = async (cluster: Cluster, writers: number, isQuick: boolean): Promise<Figures> => {
  const host = `localhost:${cluster.relay(0).port}`
  const all = []
  for (let i = 0; i < writers; i++) all.push(await createWriter(host, `bench-${i}`, ENTRY_BYTES))
  await Promise.all(all.map((writer) => writer.push()))
  const took: number[] = []
  const before = cluster.spent()
  const own = process.cpuUsage()
  const begun = performance.now()
  const end = begun + seconds(isQuick) * 1_000
  await Promise.all(
    all.map(async (writer) => {
      while (performance.now() < end) took.push(await writer.push())
    })
  )
  const lasted = (performance.now() - begun) / 1_000
  const used = process.cpuUsage(own)
  const after = cluster.spent()
  for (const writer of all) writer.close()
  return {
    perSecond: took.length / lasted,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    relayCpu: ((after.relays - before.relays) * 1e6) / took.length,
    storeCpu: ((after.store - before.store) * 1e6) / took.length,
    load: (used.user + used.system) / 1e4 / lasted
  }
}

/** One row a transaction, each with bytes of its own: what somebody would write who needs no order, no chain and no retry. */
const INSERT = `\\set root random(1, 1000000)
INSERT INTO raw_inserts (root, entry) VALUES (:root, decode(rpad(md5(:root::text), ${ENTRY_BYTES * 2}, '0'), 'hex'));
`

/** How a client asks: `prepared` saves the server the planning, `extended` is what a statement without a name costs, as poolers need it. */
export type Asking = 'prepared' | 'extended'

const measureRaw = async (cluster: Cluster, writers: number, asking: Asking, isQuick: boolean): Promise<Figures> => {
  const { databaseUrl = '' } = cluster
  const pgbench = ensureCommand('pgbench', ['postgresql-15'], ['/usr/lib/postgresql/15/bin'])
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('CREATE TABLE raw_inserts (id bigserial PRIMARY KEY, root bigint NOT NULL, entry bytea NOT NULL)')
  await client.end()
  const folder = mkdtempSync(join(tmpdir(), 'council-pgbench-'))
  const script = join(folder, 'insert.sql')
  writeFileSync(script, INSERT)
  const before = cluster.spent()
  try {
    const { stdout } = await promisify(execFile)(pgbench, [
      ...['--no-vacuum', `--protocol=${asking}`, `--client=${writers}`, '--jobs=1'],
      ...[`--time=${seconds(isQuick)}`, `--file=${script}`, databaseUrl]
    ])
    const done = Number(/transactions actually processed: (\d+)/.exec(stdout)?.[1])
    if (!(done > 0)) throw new Error(`pgbench did nothing: ${stdout}`)
    return {
      perSecond: Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]),
      p50: Number(/latency average = ([\d.]+) ms/.exec(stdout)?.[1]),
      storeCpu: ((cluster.spent().store - before.store) * 1e6) / done
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param raw undefined: through the relay */
export const measureAcknowledgements = (
  cluster: Cluster,
  writers: number,
  raw: Asking | undefined,
  isQuick: boolean
): Promise<Figures> =>
  raw === undefined ? measureRelay(cluster, writers, isQuick) : measureRaw(cluster, writers, raw, isQuick)
