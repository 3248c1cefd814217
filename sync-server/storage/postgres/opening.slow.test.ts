import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, type ShardId, seq } from '#core/ids.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import { startPgbouncer } from '#testing/services/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { freePort } from '#testing/services/service-process.ts'
import { openPostgresLog } from './postgres-log.ts'
import { createPlaces, type PostgresPlaces } from './postgres-rig.fixture.ts'
import { MIGRATIONS } from './schema.ts'

let server: PostgresServer
let places: PostgresPlaces
beforeAll(async () => {
  server = await startPostgres()
  places = createPlaces(await server.createDatabase())
})
afterAll(async () => {
  await places.close()
  await server[Symbol.asyncDispose]()
})

const later = () => 'SELECT 1'

/** @returns the refusal, of which a host must be able to make something, and nobody a password. */
const refusalOf = async (
  url: string,
  options: Partial<Parameters<typeof openPostgresLog>[0]> = {}
): Promise<string> => {
  const opened = await openPostgresLog({ url, now: () => 0, rootBytes: 1e9, ...options })
  if (opened.ok) {
    await opened.value.close()
    return 'opened'
  }
  const { line, isAway } = opened.error
  expect(line).not.toContain('\n')
  expect(line).not.toMatch(/password of the tests|a wrong one/)
  // Only of a server that is away the host need do nothing.
  expect(isAway).toBe(/^cannot reach/.test(line))
  return line
}

test('[EL26] relays that start at once on an empty database make one schema', async () => {
  const schema = places.nextSchema()
  const logs = await Promise.all(Array.from({ length: 4 }, () => places.open(schema)))
  const made = await Promise.all(logs.map((log, index) => log.secret('key', () => `of ${index}`)))
  expect(new Set(made).size).toBe(1)
  expect(made[0]).toMatch(/^of \d$/)
  expect(await places.query(`SELECT version FROM ${schema}.store`)).toEqual([{ version: MIGRATIONS.length }])
  const appended = await Promise.all(
    logs.map((log) => log.updates.append([{ room: 'a' as RoomName, bytes: Uint8Array.of(1) }]))
  )
  expect(appended.flat().map((each) => each.ok && each.value)).toHaveLength(4)
  for (const log of logs) await log.close()
})

test('[EL26] a newer store is refused in one line and left as it was', async () => {
  const schema = places.nextSchema()
  const newer = await places.open(schema, { migrations: [...MIGRATIONS, later] })
  await newer.close()
  expect(await refusalOf(places.url, { schema })).toMatch(
    new RegExp(
      `written by a newer relay \\(store ${MIGRATIONS.length + 1}, this one reads up to ${MIGRATIONS.length}\\)$`
    )
  )
  await (await places.open(schema, { migrations: [...MIGRATIONS, later] })).close()
})

test('a migration goes forward; one that fails leaves the store as it was', async () => {
  const schema = places.nextSchema()
  const log = await places.open(schema)
  await log.updates.append([{ room: 'a' as RoomName, bytes: Uint8Array.of(1) }])
  await log.close()
  const broken = () => `CREATE TABLE ${schema}.later (x integer); SELECT nonsense`
  expect(await refusalOf(places.url, { schema, migrations: [...MIGRATIONS, broken] })).toMatch(
    /^cannot open the database/
  )
  expect(await places.query(`SELECT version FROM ${schema}.store`)).toEqual([{ version: MIGRATIONS.length }])
  const next = await places.open(schema, { migrations: [...MIGRATIONS, later] })
  expect(await next.updates.load('a' as RoomName)).toMatchObject({ value: { head: 1 } })
  await next.close()
})

test('a relay of version 1 goes on beside those of version 2, and what it appends and stages has marks', async () => {
  const schema = places.nextSchema()
  const log = await places.open(schema)
  const room = 'a' as RoomName
  await log.updates.append([{ room, bytes: Uint8Array.of(1) }])
  const call = async (text: string): Promise<unknown> =>
    (await places.query(`SELECT ${schema}.${text} AS answer`))[0]?.answer
  expect(await call(`append_update('\\x02', 'a', 1000)`)).toBe('2')
  expect(await call(`append_updates('\\x0304', '{1,2}', '{1,1}', '{a,b}', 1000)`)).toEqual(['3', '1'])
  const rows = await log.updates.readAfter(room, 0, 1_000)
  if (!rows.ok) throw new Error(rows.error.kind)
  expect(rows.value.map(({ seq, bytes }) => [seq, bytes[0]])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3]
  ])
  expect(new Set(rows.value.map(({ mark }) => mark)).size).toBe(3)
  const { mark = 0 } = rows.value[2] ?? {}
  expect(await log.updates.heads([room])).toEqual({ ok: true, value: [{ seq: 3, mark }] })
  const staged = Number(await call(`begin_stage('a', 3, 0, '', '', 1000)`))
  expect(await call(`end_stage(${staged})`)).toBe(true)
  expect(await call(`adopt_base('a', 0, 3)`)).toBe(true)
  expect(await log.updates.load(room)).toMatchObject({ value: { base: { upto: 3, mark } } })
  await log.close()
})

test('another program’s schema is refused', async () => {
  await places.query('CREATE SCHEMA theirs; CREATE TABLE theirs.things (x integer)')
  expect(await refusalOf(places.url, { schema: 'theirs' })).toMatch(
    /^the schema theirs of place_1 is not of this relay$/
  )
  expect(await refusalOf(places.url, { schema: 'No "name"' })).toMatch(/plain lower-case name/)
})

test('who may not come in is told why', async () => {
  await places.query(`CREATE ROLE visitor LOGIN PASSWORD 'a visitor'; CREATE ROLE reader LOGIN PASSWORD 'a reader';
    ALTER ROLE reader SET default_transaction_read_only = on;
    CREATE ROLE strict LOGIN PASSWORD 'strict'; ALTER ROLE strict SET default_transaction_isolation = 'serializable'`)
  const at = `127\\.0\\.0\\.1:${server.port}`
  const lines: readonly (readonly [url: string, line: RegExp])[] = [
    [
      server.url('place_1', 'council', 'a wrong one'),
      RegExp(`^the database at ${at} refuses the user council or its password$`)
    ],
    [server.url('place_1', 'nobody', 'a wrong one'), RegExp(`^the database at ${at} refuses the user nobody`)],
    [server.url('nowhere'), RegExp(`^there is no database nowhere at ${at}: make it first`)],
    [
      server.url('place_1', 'visitor', 'a visitor'),
      /^the user visitor may not make its schema in place_1: GRANT CREATE/
    ],
    [server.url('place_1', 'reader', 'a reader'), RegExp(`^the database at ${at} is read-only`)],
    [
      server.url('place_1', 'strict', 'strict'),
      /begins transactions as serializable: set default_transaction_isolation/
    ],
    [
      `postgres://council@127.0.0.1:${await freePort()}/council`,
      /^cannot reach the database at 127\.0\.0\.1:\d+: connect ECONNREFUSED/
    ],
    ['not an address', /^not an address/]
  ]
  for (const [url, line] of lines) expect(await refusalOf(url)).toMatch(line)
})

test('a role that may only use what was made for it is enough', async () => {
  await places.query(`CREATE ROLE relay LOGIN PASSWORD 'a relay'; CREATE SCHEMA made AUTHORIZATION relay;
    CREATE SCHEMA made_erasures AUTHORIZATION relay`)
  const opened = await openPostgresLog({
    ...{ url: server.url('place_1', 'relay', 'a relay'), schema: 'made', now: () => 0, rootBytes: 1e9 }
  })
  if (!opened.ok) throw new Error(opened.error.line)
  expect(await opened.value.updates.append([{ room: 'a' as RoomName, bytes: Uint8Array.of(1) }])).toEqual([
    { ok: true, value: expect.objectContaining({ seq: 1 }) }
  ])
  await opened.value.close()
})

test('through a pooler that takes no settings the relay opens all the same', async () => {
  await using bouncer = await startPgbouncer(server)
  expect(await refusalOf(bouncer.through(places.url), { schema: places.nextSchema() })).toBe('opened')
  expect(bouncer.output()).toMatch(/unsupported startup parameter: statement_timeout/)
})

test('a server that does not sync is named, and used', async () => {
  await using careless = await startPostgres({ settings: { fsync: 'off' } })
  const lines: string[] = []
  expect(await refusalOf(careless.url(), { report: (line) => lines.push(line) })).toBe('opened')
  expect(lines).toEqual([expect.stringMatching(/runs with fsync = off: what was confirmed may be lost/)])
})

test.each([1, 2])('a store of version %i opens, whatever version this is', async (version) => {
  const url = await server.createDatabase()
  const own = createPlaces(url)
  await own.query(await readFile(join(import.meta.dirname, `fixtures/v${version}.sql`), 'utf8'))
  const log = await own.open('council')
  const ref = { root: 'AAAAAAAAAAAAAAAAAAAAAA' as RootId, shard: '00000000000000000000000000000001' as ShardId }
  const tail = await log.readAfter(ref, seq(0), EMPTY_CHAIN_HASH, 1_000)
  if (!tail.ok) throw new Error(tail.error.kind)
  expect(tail.value.snapshot).toMatchObject({ from: 1, to: 2, size: 8 })
  expect(tail.value.entries.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['three'])
  const part = await log.readSnapshot(ref, seq(2), 0)
  expect(part.ok && new TextDecoder().decode(part.value)).toBe('snapshot')
  const erased = {
    scope: { kind: 'root', root: 'BBBBBBBBBBBBBBBBBBBBBB' as RootId } as const,
    rootKey: new Uint8Array(32).fill(7),
    signature: new Uint8Array(64).fill(9)
  }
  expect(await log.erase(erased, 99)).toEqual({ ok: true, value: { erasedAt: 77 } })
  expect(await log.append([{ ...ref, entries: [new TextEncoder().encode('one')], epoch: 0 }])).toMatchObject([
    { value: { seqs: [1] } }
  ])
  const notes = 'notes/été' as RoomName
  const rows = await log.updates.readAfter(notes, 0, 1_000)
  const base = await log.updates.readBase(notes, 2)
  if (!rows.ok || !base.ok) throw new Error('refused')
  expect(rows.value.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['drei'])
  expect(new TextDecoder().decode(base.value)).toBe('eins und zwei')
  expect(await log.secret('relay key', () => 'made anew')).toBe('made once')
  await log.close()
  await own.close()
})
