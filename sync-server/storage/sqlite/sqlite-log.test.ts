import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { entryLogContract } from '#server/rooms/entry-log.contract.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
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

test('a store that gives its memory back goes on with what it holds', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'council-log-'))
  const ledgerPath = join(directory, 'erasures')
  const opened = await openSqliteLog({ path: join(directory, 'council.db'), ledgerPath, now: () => 0, rootBytes: 1e9 })
  if (!opened.ok) throw new Error(opened.error)
  const log = opened.value
  await log.updates.append([{ room: 'a' as RoomName, bytes: Uint8Array.of(1, 2) }])
  await log.rest()
  const read = await log.updates.readAfter('a' as RoomName, 0, 100)
  expect(read.ok && read.value.map(({ seq, bytes }) => [seq, ...bytes])).toEqual([[1, 1, 2]])
  await log.close()
  await rm(directory, { recursive: true })
})
