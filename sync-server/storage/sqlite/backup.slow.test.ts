import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'

/** docs/runbook.md, "Back up" and "Restore", step by step. */
test('a backup taken while the relay runs is put back: what it held is there, what was erased since is not', async () => {
  await using folder = await temporaryFolder()
  const databasePath = join(folder.path, 'council.db')
  const [kept, erased] = [wireRoot('kept'), wireRoot('erased')]
  const shard = wireShard(1)
  const relay = await startRelayProcess({ databasePath })
  const [a, b] = [await relay.dial(), await relay.dial()]
  await a.enter(kept, relay.host)
  await b.enter(erased, relay.host)
  a.push(shard, [wireEntry('before the backup')])
  await a.expect('ack')
  b.push(shard, [wireEntry('to be erased')])
  await b.expect('ack')

  const backup = join(folder.path, 'backup.db')
  const other = new Database(databasePath, { readonly: true })
  other.prepare('VACUUM INTO ?').run(backup)
  other.close()

  a.push(shard, [wireEntry('after the backup')], 2)
  expect((await a.expect('ack')).seqs).toEqual([2])
  b.send(erased.erase(0))
  await b.expect('erased')
  expect(await relay.stop()).toBe(0)

  renameSync(backup, databasePath)
  for (const suffix of ['-wal', '-shm']) rmSync(`${databasePath}${suffix}`, { force: true })
  const again = await startRelayProcess({ databasePath })
  const [c, d] = [await again.dial(), await again.dial()]
  await c.enter(kept, again.host)
  c.pull(shard)
  expect((await c.expect('entries')).items.length).toBe(1)
  // The device shows what the copy has not: it takes the place it had.
  c.push(shard, [wireEntry('after the backup')], 3)
  expect((await c.until('ack')).seqs).toEqual([2])
  await expect(d.enter(erased, again.host)).rejects.toThrow('erased')
  expect(await again.stop()).toBe(0)
})
