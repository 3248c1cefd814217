import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, SERVER_CORE, startServer } from '#bench/peers/process.ts'
import { type ServerSpec, serverNamed } from '#bench/peers/servers.ts'
import { slowSyncEnv } from '#bench/relay/slow-sync.ts'
import { startNats } from '#testing/services/nats.ts'
import { startPostgres } from '#testing/services/postgres.ts'
import { freePort } from '#testing/services/service-process.ts'
import { cpuSecondsOf, familySeconds } from './family.ts'
import { CLUSTER_PEERS_FOLDER } from './peers.ts'
import { startRedis } from './redis.ts'

/** What is compared: relays, a store, and what passes messages between them. All servers share one core. */

export const CLUSTERS = [
  'sqlite-1',
  'postgres-1',
  'postgres-1-slow',
  'postgres-2-poll',
  'postgres-2-postgres',
  'postgres-2-nats',
  'hocuspocus-2'
] as const
export type ClusterName = (typeof CLUSTERS)[number]

export const CLUSTER_LABELS: Readonly<Record<ClusterName, string>> = {
  'sqlite-1': 'one relay, SQLite',
  'postgres-1': 'one relay, Postgres',
  'postgres-1-slow': 'one relay, Postgres, 2 ms added to each sync',
  'postgres-2-poll': 'two relays, Postgres, no bus',
  'postgres-2-postgres': 'two relays, Postgres, LISTEN/NOTIFY',
  'postgres-2-nats': 'two relays, Postgres, NATS',
  'hocuspocus-2': 'two nodes, Hocuspocus, Redis, one SQLite'
}

/** CPU seconds of each part since it began. */
export interface Spent {
  readonly relays: number
  readonly store: number
  readonly bus: number
}

export interface Cluster extends AsyncDisposable {
  readonly name: ClusterName
  relay(at: number): RunningServer
  readonly count: number
  /** Address of the database, where it is Postgres. */
  readonly databaseUrl: string | undefined
  spent(): Spent
  /** Again, on the port it had. */
  restart(at: number): Promise<void>
}

const ON_SERVER_CORE: readonly string[] = ['taskset', '-c', SERVER_CORE]

const hocuspocus: ServerSpec = {
  ...serverNamed('hocuspocus-sqlite'),
  script: join(import.meta.dirname, 'servers/hocuspocus-redis.ts'),
  env: () => ({ BENCH_PEERS: CLUSTER_PEERS_FOLDER })
}

interface Service {
  readonly env: Readonly<Record<string, string>>
  readonly databaseUrl?: string
  readonly store: () => number
  readonly bus: () => number
}

type Holding = { use<Value extends AsyncDisposable>(value: Value): Value }

/** What a sync costs on a disk of an ordinary machine, more than on the fastest. */
const SLOW_MS = 2

const nothing = (): number => 0

/** As a host with many people sets it up: more connections than the relays and pgbench use. */
const openPostgres = async (stack: Holding, env: Readonly<Record<string, string>>) => {
  const settings = { max_connections: '1200', shared_buffers: '256MB', max_wal_size: '4GB' }
  const server = stack.use(await startPostgres({ wrapper: ON_SERVER_CORE, settings, env }))
  const databaseUrl = await server.createDatabase()
  return { databaseUrl, store: () => familySeconds(server.pid()), env: { DATABASE_URL: databaseUrl } }
}

const openServices = async (name: ClusterName, folder: string, stack: Holding): Promise<Service> => {
  if (name === 'sqlite-1') {
    return { env: { DATABASE_URL: `sqlite:${join(folder, 'council.db')}` }, store: nothing, bus: nothing }
  }
  if (name === 'hocuspocus-2') {
    const redis = stack.use(await startRedis(ON_SERVER_CORE))
    const env = { BENCH_REDIS: `${redis.port}`, BENCH_SQLITE: join(folder, 'hocuspocus.db') }
    return { env, store: nothing, bus: () => cpuSecondsOf(redis.pid) }
  }
  // Postgres runs as nobody, and must read the library.
  chmodSync(folder, 0o755)
  const postgres = await openPostgres(stack, slowSyncEnv(name === 'postgres-1-slow' ? SLOW_MS : 0, folder))
  if (name === 'postgres-2-nats') {
    const nats = stack.use(await startNats({ wrapper: ON_SERVER_CORE }))
    return { ...postgres, bus: () => cpuSecondsOf(nats.pid()), env: { ...postgres.env, BUS_URL: nats.url() } }
  }
  const bus = name === 'postgres-2-postgres' ? { BUS_URL: 'postgres:' } : {}
  return { ...postgres, bus: nothing, env: { ...postgres.env, ...bus } }
}

export const openCluster = async (name: ClusterName): Promise<Cluster> => {
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'council-cluster-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const services = await openServices(name, folder, stack)
  const spec = name === 'hocuspocus-2' ? hocuspocus : serverNamed('ours')
  const count = name.includes('-1') ? 1 : 2
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  const relays: RunningServer[] = []
  const begin = async (at: number): Promise<void> => {
    relays[at] = await startServer(spec, { folder, env: { ...services.env, PORT: `${ports[at]}` } })
  }
  stack.defer(async () => {
    await Promise.all(relays.map((relay) => relay.kill()))
  })
  for (let at = 0; at < count; at++) await begin(at)
  return {
    name,
    count,
    databaseUrl: services.databaseUrl,
    relay: (at) => relays[at] as RunningServer,
    spent: () => ({
      relays: relays.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
      store: services.store(),
      bus: services.bus()
    }),
    restart: begin,
    [Symbol.asyncDispose]: () => stack.disposeAsync()
  }
}
