import { type NatsServer, startNats } from '#testing/services/nats.ts'
import { type Pgbouncer, startPgbouncer } from '#testing/services/pgbouncer.ts'
import type { PostgresServer } from '#testing/services/postgres.ts'
import { type Cluster, openCluster } from './cluster.ts'
import type { FailingStore } from './disks.ts'

/** Relays and what they stand on. */
export interface Stage extends AsyncDisposable {
  readonly cluster: Cluster
  readonly disk: FailingStore
  readonly store: PostgresServer
  /** Throws on a stage that has none. */
  nats(): NatsServer
  pooler(): Pgbouncer
}

/** How relays hear each other, and what stands between them and the store. */
export const STAGES = ['by Postgres', 'by NATS', 'by nothing', 'by Postgres, behind PgBouncer'] as const
export type StageName = (typeof STAGES)[number]

const orThrow = <Part>(part: Part | undefined): Part => {
  if (part === undefined) throw new Error('this stage does not have that')
  return part
}

/** @param disk one store for all stages, a database for each */
export const openStage = async (name: StageName, disk: FailingStore): Promise<Stage> => {
  const stack = new AsyncDisposableStack()
  const store = disk.server
  const url = await store.createDatabase()
  const nats = name === 'by NATS' ? stack.use(await startNats()) : undefined
  const pooler = name === 'by Postgres, behind PgBouncer' ? stack.use(await startPgbouncer(store)) : undefined
  const bus = nats?.url() ?? (name === 'by nothing' ? undefined : url)
  const relays = nats === undefined ? 2 : 3
  const cluster = stack.use(
    await openCluster({ relays, store: pooler?.through(url) ?? url, ...(bus === undefined ? {} : { bus }) })
  )
  return {
    cluster,
    disk,
    store,
    nats: () => orThrow(nats),
    pooler: () => orThrow(pooler),
    [Symbol.asyncDispose]: () => stack.disposeAsync()
  }
}
