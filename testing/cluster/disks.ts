import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildShim } from '#server/durability/power.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { handOver, serviceFolder } from '#testing/services/service-process.ts'

/** A Postgres on a disk that fails when it is told to. */
export interface FailingStore extends AsyncDisposable {
  readonly server: PostgresServer
  fail(failing: Failing): Promise<void>
  recover(): Promise<void>
}

/** `sync`: fsync and fdatasync report an I/O error. `tables`, `log`: no room for another page of a table, or another file of the write-ahead log. */
export type Failing = 'sync' | 'tables' | 'log'

const FULL_PATHS = { tables: '/base/', log: '/pg_wal/' } as const

/**
 * Its owner has set it to answer before it has written, as some do who want speed: what it answers then is gone after kill -9. Relays ask for
 * more than that, whatever the setting.
 */
export const SETTINGS = { synchronous_commit: 'off', wal_writer_delay: '10s' }

export const openFailingStore = async (): Promise<FailingStore> => {
  const folder = await serviceFolder('failing-disk')
  const [failSync, fullDisk] = [join(folder.path, 'fail-sync'), join(folder.path, 'full-disk')]
  const shims = ['failing', 'full'].map((name) => buildShim(name, folder.path))
  for (const shim of shims) await handOver(shim)
  const env = { LD_PRELOAD: shims.join(':'), FAIL_SYNC: failSync, FULL_DISK: fullDisk }
  const server = await startPostgres({ settings: SETTINGS, env })
  const recover = async (): Promise<void> => {
    for (const file of [failSync, fullDisk]) await rm(file, { force: true })
  }
  return {
    server,
    recover,
    fail: (failing) => (failing === 'sync' ? writeFile(failSync, '') : writeFile(fullDisk, FULL_PATHS[failing])),
    async [Symbol.asyncDispose]() {
      await recover()
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    }
  }
}
