import { join } from 'node:path'
import { type NatsServer, startNats } from '#testing/services/nats.ts'
import { type Pgbouncer, startPgbouncer } from '#testing/services/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { openSmallDisk, type SmallDisk } from '#testing/services/small-disk.ts'
import { type Cluster, type ClusterOptions, openCluster } from './cluster.ts'
import { type FailingStore, SETTINGS } from './disks.ts'

/** Relays and what they stand on. */
export interface Stage extends AsyncDisposable {
  readonly cluster: Cluster
  readonly disk: FailingStore
  /** These throw on a stage that has none. */
  store(): PostgresServer
  nats(): NatsServer
  pooler(): Pgbouncer
  /** Of the store, or of its write-ahead log alone. */
  smallDisk(): SmallDisk
}

/** How relays hear each other, and what stands between them and the store or under it. */
export const STAGES = [
  'by Postgres',
  'by NATS',
  'by nothing',
  'by Postgres, behind PgBouncer',
  'by Postgres, its log on a small disk',
  'by nothing: one, its SQLite on a small disk'
] as const
export type StageName = (typeof STAGES)[number]

/** Room for some files of 16 MB. */
const LOG_MEGABYTES = 96
const LOG_SETTINGS = { max_wal_size: '32MB', min_wal_size: '32MB' }
const SQLITE_MEGABYTES = 24

interface Parts {
  readonly options: ClusterOptions
  readonly store?: PostgresServer
  readonly nats?: NatsServer
  readonly pooler?: Pgbouncer
  readonly smallDisk?: SmallDisk
}

type Setting = (disk: FailingStore, stack: AsyncDisposableStack) => Promise<Parts>

const tell = (disk: SmallDisk): SmallDisk => {
  console.log(`The small disk is: ${disk.kind}`)
  return disk
}

const SETTING_BY_STAGE: Readonly<Record<StageName, Setting>> = {
  async 'by Postgres'({ server: store }) {
    const url = await store.createDatabase()
    return { store, options: { store: url, bus: url } }
  },
  async 'by NATS'({ server: store }, stack) {
    const nats = stack.use(await startNats())
    return { store, nats, options: { relays: 3, store: await store.createDatabase(), bus: nats.url() } }
  },
  async 'by nothing'({ server: store }) {
    return { store, options: { store: await store.createDatabase() } }
  },
  async 'by Postgres, behind PgBouncer'({ server: store }, stack) {
    const url = await store.createDatabase()
    const pooler = stack.use(await startPgbouncer(store))
    return { store, pooler, options: { store: pooler.through(url), bus: url } }
  },
  async 'by Postgres, its log on a small disk'(_, stack) {
    const smallDisk = tell(stack.use(await openSmallDisk(LOG_MEGABYTES)))
    const store = stack.use(await startPostgres({ settings: { ...SETTINGS, ...LOG_SETTINGS }, log: smallDisk }))
    const url = await store.createDatabase()
    return { store, smallDisk, options: { store: url, bus: url } }
  },
  async 'by nothing: one, its SQLite on a small disk'(_, stack) {
    const smallDisk = tell(stack.use(await openSmallDisk(SQLITE_MEGABYTES)))
    const { path, wrapper, env } = smallDisk
    return { smallDisk, options: { relays: 1, store: `sqlite:${join(path, 'council.db')}`, wrapper, env } }
  }
}

const orThrow = <Part>(part: Part | undefined): Part => {
  if (part === undefined) throw new Error('this stage does not have that')
  return part
}

/** @param disk one store for all stages that have none of their own, a database for each */
export const openStage = async (name: StageName, disk: FailingStore): Promise<Stage> => {
  const stack = new AsyncDisposableStack()
  const { options, store, nats, pooler, smallDisk } = await SETTING_BY_STAGE[name](disk, stack)
  const cluster = stack.use(await openCluster(options))
  return {
    cluster,
    disk,
    store: () => orThrow(store),
    nats: () => orThrow(nats),
    pooler: () => orThrow(pooler),
    smallDisk: () => orThrow(smallDisk),
    [Symbol.asyncDispose]: () => stack.disposeAsync()
  }
}
