import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startPgbouncer } from './pgbouncer.ts'
import { startPostgres } from './postgres.ts'
import { reachableByNobody, runToEnd, serviceFolder } from './service-process.ts'

test.each([15, 18] as const)(
  'Postgres %i starts, is killed, starts again with what it held, and goes',
  async (version) => {
    await using server = await startPostgres({ version })
    const url = await server.createDatabase()
    const database = new URL(url).pathname.slice(1)
    await server.query('CREATE TABLE kept AS SELECT 7 AS seven', database)
    expect(await server.query('SHOW fsync')).toEqual([{ fsync: 'on' }])
    const before = server.pid()
    await server.kill()
    expect(() => process.kill(before, 0)).toThrow()
    await server.start()
    expect(server.pid()).not.toBe(before)
    expect(await server.query('SELECT seven FROM kept', database)).toEqual([{ seven: 7 }])
    expect(await server.query('SHOW server_version_num')).toMatchObject([
      { server_version_num: expect.stringMatching(`^${version}`) }
    ])
    await using bouncer = await startPgbouncer(server)
    const client = new pg.Client({ connectionString: bouncer.through(url) })
    await client.connect()
    expect((await client.query('SELECT seven FROM kept')).rows).toEqual([{ seven: 7 }])
    await client.end()
  }
)

test('a frozen server answers again once it is thawed', async () => {
  await using server = await startPostgres()
  await server.freeze()
  const answer = server.query('SELECT 1 AS one')
  await server.thaw()
  expect(await answer).toEqual([{ one: 1 }])
})

test.runIf(process.getuid?.() === 0)(
  'programs in a folder that is closed to others are copied to where nobody may run them',
  async () => {
    await using folder = await serviceFolder('closed')
    await mkdir(join(folder.path, 'home/bin'), { recursive: true })
    await writeFile(join(folder.path, 'home/bin/hello'), '#!/bin/sh\necho hello\n', { mode: 0o755 })
    await chmod(join(folder.path, 'home'), 0o700)
    const copy = await reachableByNobody(join(folder.path, 'home/bin'), 'closed-copy')
    expect(copy).not.toContain(folder.path)
    expect(await runToEnd(join(copy, 'hello'), [], { asNobody: true })).toBe('hello\n')
    await rm(copy, { recursive: true })
  }
)
