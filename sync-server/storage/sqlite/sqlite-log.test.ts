import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entryLogContract } from '#server/rooms/entry-log.contract.ts'
import { openSqliteLog, type SqliteLog } from './sqlite-log.ts'

entryLogContract('sqlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'council-log-'))
  const path = join(directory, 'council.db')
  let now = 0
  return {
    async open(rootBytes = 1e9) {
      const opened = await openSqliteLog({ path, ledgerPath: join(directory, 'erasures'), now: () => now, rootBytes })
      if (!opened.ok) throw new Error(opened.error)
      return opened.value
    },
    setNow(ms) {
      now = ms
    },
    async wipe() {
      for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
    },
    async fill(log) {
      const limit = (log as SqliteLog).limitBytes
      await limit((await stat(path)).size)
      return () => limit(undefined)
    },
    async [Symbol.asyncDispose]() {
      await rm(directory, { recursive: true })
    }
  }
})
