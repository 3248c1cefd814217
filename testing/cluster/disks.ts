import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildShim } from '#server/durability/power.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { handOver, serviceFolder } from '#testing/services/service-process.ts'

/** A Postgres on a disk that fails when it is told to. */
export interface FailingStore extends AsyncDisposable {
  readonly server: PostgresServer
  fail(isFailing: boolean): Promise<void>
}

/** `sync`: fsync and fdatasync report an I/O error. `tables`, `log`: no room for another page of a table, or another file of the write-ahead log. */
export type Failing = 'sync' | 'tables' | 'log'

const MATCHES = { tables: '/base/', log: '/pg_wal/' } as const

export const openFailingStore = async (failing: Failing): Promise<FailingStore> => {
  const folder = await serviceFolder(`disk-${failing}`)
  const trigger = join(folder.path, 'fail-now')
  const shim = buildShim(failing === 'sync' ? 'failing' : 'full', folder.path)
  await handOver(shim)
  const env: Record<string, string> =
    failing === 'sync' ? { FAIL_SYNC: trigger } : { FULL_DISK: trigger, FULL_MATCH: MATCHES[failing] }
  const server = await startPostgres({ env: { LD_PRELOAD: shim, ...env } })
  return {
    server,
    fail: (isFailing) => (isFailing ? writeFile(trigger, '') : rm(trigger, { force: true })),
    async [Symbol.asyncDispose]() {
      await rm(trigger, { force: true })
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    }
  }
}
