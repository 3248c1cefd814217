import { expect, test } from 'vitest'
import { createLog } from '#app/log/indexeddb.ts'
import type { DocPath } from '#app/store/ports.ts'
import { createRemoteVault } from '#app/vault/remote-vault.ts'
import { bytesOf, updatesOf, value, writeLines } from '#app/vault/vault.fixture.ts'

const startWorker = (profile: string): Worker =>
  new Worker(new URL('./vault-worker.ts', import.meta.url), { type: 'module', name: profile })
const databaseOf = (profile: string): string => `council-${profile}`

test('keys live in the profile’s database, are used in a worker, and survive its restart', async () => {
  const profile = `test-${crypto.randomUUID()}`
  const log = createLog({ name: databaseOf(profile) })
  value(await log.open())
  const first = startWorker(profile)
  const made = value(await createRemoteVault(first).create())
  first.terminate()

  const workers = [startWorker(profile), startWorker(profile)]
  const [one, two] = await Promise.all(workers.map(async (worker) => value(await createRemoteVault(worker).create())))
  expect(one?.device).toBe(made.device)
  expect(two?.root).toBe(made.root)
  if (!one || !two) throw new Error('two keyholders')
  const shard = await one.shard('library' as DocPath)
  expect(updatesOf(await two.open(shard, [], bytesOf(await writeLines(one, shard, ['a line']))))).toEqual(['a line'])
  for (const worker of workers) worker.terminate()
  value(await log.destroy())
})

test('two tabs at first launch make one phrase', async () => {
  const profile = `test-${crypto.randomUUID()}`
  const log = createLog({ name: databaseOf(profile) })
  value(await log.open())
  const workers = [startWorker(profile), startWorker(profile), startWorker(profile)]
  const made = await Promise.all(workers.map(async (worker) => value(await createRemoteVault(worker).create())))
  expect(new Set(made.map(({ root, device }) => `${root} ${device}`)).size).toBe(1)
  for (const worker of workers) worker.terminate()
  value(await log.destroy())
})

test('a worker makes no database of its own: what the browser threw away is not taken for a first visit', async () => {
  const profile = `test-${crypto.randomUUID()}`
  const worker = startWorker(profile)
  const failed = await createRemoteVault(worker).create()
  worker.terminate()
  expect(failed).toEqual({ ok: false, error: { kind: 'storage', reason: 'evicted' } })
  expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(databaseOf(profile))
})
