import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RootId, ShardId } from '#core/ids.ts'
import type { Base, RoomName, StageId } from '#server/rooms/open-ports.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { serviceFolder } from '#testing/services/service-process.ts'
import type { PostgresLog } from './postgres-log.ts'
import { createPlaces, type PostgresPlaces } from './postgres-rig.fixture.ts'

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

const root = 'AAAAAAAAAAAAAAAAAAAAAA' as RootId
const ref = { root, shard: '00000000000000000000000000000001' as ShardId }
const room = 'a' as RoomName
const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const baseTo = (upto: number, bytes: Uint8Array): Base => ({
  ...{ upto, bytes, stateVector: new Uint8Array([1]), deletes: new Uint8Array([0, 0]) }
})
const push = async (log: PostgresLog, ...entries: readonly Uint8Array[]) =>
  (await log.append([{ ...ref, entries, epoch: 0 }]))[0]
const write = async (log: PostgresLog, bytes: Uint8Array) => (await log.updates.append([{ room, bytes }]))[0]
const failure = { ok: false, error: { kind: 'store', reason: expect.any(String) } }

test('a server that does not answer is a failure, and what it kept meanwhile is known when it answers again', async () => {
  const log = await places.open(places.nextSchema(), { statementMs: 200, connectMs: 500 })
  await log.adopt(root, 0, text('certificate'))
  expect(await push(log, text('one'))).toMatchObject({ ok: true })
  await server.freeze()
  const asked = [push(log, text('two')), write(log, text('eins')), log.updates.load(room), log.root(root)]
  expect(await Promise.all(asked)).toEqual([failure, failure, failure, failure])
  await server.thaw()
  expect(await push(log, text('two'), text('three'))).toMatchObject({ value: { seqs: [2, 3] } })
  expect(await write(log, text('eins'))).toMatchObject({ ok: true })
  await log.close()
})

test('a store that has closed answers with a failure, never with an empty room', async () => {
  const log = await places.open(places.nextSchema())
  await write(log, text('eins'))
  await log.close()
  expect(await log.updates.load(room)).toEqual(failure)
  expect(await log.updates.append([{ room, bytes: text('zwei') }])).toEqual([failure])
  expect(await log.updates.readAfter(room, 0, 1)).toEqual(failure)
  expect(await log.updates.readBase(room, 1)).toEqual(failure)
  expect(await log.updates.stage(room, baseTo(1, text('base')))).toEqual(failure)
  expect(await log.updates.adopt(room, 0, 1 as StageId)).toEqual(failure)
  expect(await log.updates.heads([room])).toEqual(failure)
  expect(await log.heads([ref])).toEqual([failure])
})

test('a server that becomes read-only refuses, and takes again what it takes again', async () => {
  const log = await places.open(places.nextSchema())
  expect(await write(log, text('eins'))).toMatchObject({ value: { seq: 1 } })
  const readOnly = (is: 'on' | 'off') =>
    places.query(`ALTER DATABASE place_1 SET default_transaction_read_only = ${is}`)
  const cutAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sacred-council'`
  await readOnly('on')
  await places.query(cutAll)
  const refused = [await write(log, text('zwei')), await write(log, text('zwei'))]
  expect(refused[1]).toEqual({ ok: false, error: { kind: 'store', reason: expect.stringMatching(/read-only/) } })
  expect(await log.updates.load(room)).toMatchObject({ value: { head: 1 } })
  await server.query('ALTER DATABASE place_1 RESET default_transaction_read_only')
  // The connection that was refused is not asked again: it may lead to the old one of two servers.
  expect(await write(log, text('zwei'))).toMatchObject({ value: { seq: 2 } })
  await log.close()
})

test('what only another transaction in the way prevented is tried again', async () => {
  const schema = places.nextSchema()
  const log = await places.open(schema)
  // Sequences count what is rolled back too: the third try passes.
  await places.query(`CREATE SEQUENCE ${schema}.tries;
    CREATE FUNCTION ${schema}.in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('${schema}.tries') % 3 > 0 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER in_the_way BEFORE INSERT ON ${schema}.update_row FOR EACH ROW EXECUTE FUNCTION ${schema}.in_the_way()`)
  expect(await write(log, text('eins'))).toMatchObject({ value: { seq: 1 } })
  expect(await places.query(`SELECT last_value::integer AS tries FROM ${schema}.tries`)).toEqual([{ tries: 3 }])
  await log.close()
})

test('connections that break are told in one line, and again when they break again', async () => {
  const lines: string[] = []
  const log = await places.open(places.nextSchema(), { report: (line) => lines.push(line) })
  for (let time = 1; time <= 2; time++) {
    await Promise.all([write(log, text('eins')), ...Array.from({ length: 4 }, () => log.updates.load(room))])
    await places.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'sacred-council'`
    )
    await expect.poll(() => lines).toHaveLength(time)
    expect(lines.at(-1)).toMatch(/^the connection to the database broke: /)
    await expect.poll(() => write(log, text('zwei'))).toMatchObject({ ok: true })
  }
  await log.close()
})

test('what is confirmed waits for the disk, also where the database says that nothing does', async () => {
  const schema = places.nextSchema()
  const log = await places.open(schema)
  await log.adopt(root, 0, text('certificate'))
  const calls = [
    `${schema}.append_update('x', 'a', 1000)`,
    `${schema}.append_update('x', 'a', 1000, 1)`,
    `${schema}.append_updates('xy', '{1,2}', '{1,1}', '{a,b}', 1000)`,
    `${schema}.append_updates('xy', '{1,2}', '{1,1}', '{a,b}', 1000, 1)`,
    `${schema}.append_entry('x', '${root}', '\\x01', 0, 1000)`,
    `${schema}.append_entries('yz', '{1,2}', '{1,1}', '{1,1}', '{${root}}', '{"\\\\x01"}', '{0}', '{1}', '{2}', 1000)`,
    `${schema}.adopt_root('${root}', 1, 'x')`,
    `${schema}.begin_stage('a', 1, 1, '', '', 1000)`,
    `${schema}.begin_stage('a', 1, 1, '', '', 1000, NULL, 1)`,
    `${schema}.adopt_base('a', 0, 1)`,
    `${schema}.adopt_stage('a', 0, 1)`,
    `${schema}.swap_snapshot('${root}', '\\x01', 1, 1, 1, '', 1, 1000, 1, 1)`,
    `${schema}.erase_scope('${root}', '', 'x', 1)`
  ]
  for (const call of calls) {
    const [row] = await places.query(
      `SELECT set_config('synchronous_commit', 'off', true), ${call}, current_setting('synchronous_commit') AS level`
    )
    expect([call, row?.level]).toEqual([call, 'on'])
  }
  await log.close()
})

test('[UL16] [EL23] what was replaced or erased is in no row any more, and what a dead relay left is found', async () => {
  const schema = places.nextSchema()
  const log = await places.open(schema)
  const found = async (): Promise<string[]> => {
    const tables = await places.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = '${schema}'`)
    const holding = await Promise.all(
      tables.map(async ({ name }) => {
        const rows = await places.query(`SELECT x::text AS row FROM ${schema}.${name} AS x`)
        const marker = Buffer.from('must be gone').toString('hex')
        return rows.some(({ row }) => String(row).includes(marker)) ? [String(name)] : []
      })
    )
    return holding.flat().sort()
  }
  const marked = (size: number) => text('words that must be gone '.repeat(size))
  const replace = async (expected: number, base: Base): Promise<void> => {
    const staged = await log.updates.stage(room, base)
    if (staged.ok) await log.updates.adopt(room, expected, staged.value)
  }
  await log.updates.append([...Array(1_200).keys()].map(() => ({ room, bytes: marked(3) })))
  await replace(0, baseTo(1_200, marked(200_000)))
  await write(log, text('clean'))
  expect(await found()).toContain('base_part')
  await replace(1_200, baseTo(1_201, text('clean')))
  await log.swept()
  expect(await found()).toEqual([])

  await log.adopt(root, 0, text('certificate'))
  const appended = await push(log, marked(1), marked(2), marked(50_000))
  if (appended?.ok !== true) throw new Error('refused')
  const top = appended.value.seqs[1]
  const hashTo = appended.value.fresh[1]?.hash
  if (top === undefined || hashTo === undefined) throw new Error('nothing was new')
  await log.snapshot(ref, 0, { from: top, to: top, hashTo, bytes: marked(60_000) })
  expect(await found()).toEqual(['entry', 'snapshot_part'])
  // One that a relay began and never finished, since it died, and a base likewise.
  await places.query(`INSERT INTO ${schema}.snapshot (shard, upto) SELECT id, 3 FROM ${schema}.shard;
    INSERT INTO ${schema}.snapshot_part SELECT max(id), 0, 'must be gone' FROM ${schema}.snapshot`)
  await log.updates.stage(room, baseTo(1_201, marked(1)))
  const proof = { scope: { kind: 'root', root } as const, rootKey: new Uint8Array(32), signature: new Uint8Array(64) }
  expect(await log.erase(proof, 1)).toEqual({ ok: true, value: { erasedAt: 1 } })
  expect(await found()).toEqual([])
  await write(log, text('clean'))
  const left = await log.updates.stage(room, baseTo(1_202, marked(1)))
  if (!left.ok) throw new Error('refused')
  await places.query(`UPDATE ${schema}.base SET begun = now() - interval '2 hours'`)
  expect(await found()).toEqual(['base_part'])
  const other = await places.open(schema)
  await other.swept()
  await other.close()
  expect(await found()).toEqual([])
  expect(await log.updates.adopt(room, 1_201, left.value)).toMatchObject({ error: { kind: 'cas' } })
  await log.close()
})

/** A file system of its own needs root, and a container that lets it; the contract's [EL21] and [UL13] fill the store elsewhere. */
const mounted = (path: string): boolean => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,uid=65534,gid=65534', 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const canMount = process.platform === 'linux' && process.getuid?.() === 0

test.runIf(canMount)('a disk that is really full refuses and recovers', async ({ skip }) => {
  await using folder = await serviceFolder('disk')
  if (!mounted(folder.path)) return skip('this container does not let us mount')
  try {
    await server.query(`CREATE TABLESPACE small LOCATION '${folder.path}'`)
    await server.query('CREATE DATABASE small TABLESPACE small')
    const small = createPlaces(server.url('small'))
    const log = await small.open('council')
    await log.adopt(root, 0, text('certificate'))
    let accepted = 0
    let refused = 0
    for (let fill = 0; fill < 80; fill++) {
      const result = await push(log, new Uint8Array(400_000).fill(fill))
      if (result?.ok === true) accepted++
      else {
        refused++
        expect(result?.error).toEqual({ kind: 'relay-full' })
      }
    }
    expect({ accepted, refused }).toEqual({ accepted: expect.any(Number), refused: expect.any(Number) })
    expect(Math.min(accepted, refused)).toBeGreaterThan(0)
    execFileSync('mount', ['-o', 'remount,size=60m', folder.path])
    expect(await push(log, new Uint8Array(400_000).fill(99))).toMatchObject({ value: { seqs: [accepted + 1] } })
    // One that does not fit takes no neighbour down.
    const mixed = await log.updates.append([
      { room, bytes: text('small') },
      { room: 'b' as RoomName, bytes: new Uint8Array(50_000_000) }
    ])
    expect(mixed).toEqual([
      { ok: true, value: expect.objectContaining({ seq: 1 }) },
      { ok: false, error: { kind: 'relay-full' } }
    ])
    await log.close()
    await small.close()
    await server.query('DROP DATABASE small')
    await server.query('DROP TABLESPACE small')
  } finally {
    execFileSync('umount', ['-l', folder.path])
  }
})
