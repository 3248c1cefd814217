import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Pgbouncer, startPgbouncer } from '#testing/services/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { createLane, type Lane } from './lane.ts'

let server: PostgresServer
let pooler: Pgbouncer
let url: string

beforeAll(async () => {
  server = await startPostgres()
  pooler = await startPgbouncer(server)
  url = await server.createDatabase()
})
afterAll(async () => {
  await pooler[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const openLane = (connectionString: string) => {
  const reports: string[] = []
  const lane = createLane({ connectionString }, (cause) => reports.push(cause.message))
  return { lane, reports, [Symbol.asyncDispose]: lane.close }
}

const NAMES = 'SELECT statement FROM pg_prepared_statements ORDER BY statement'
const ADD = 'SELECT $1::integer + 1'
const add = async (lane: Lane, to: number): Promise<unknown> => (await lane.query(ADD, [to]))[0]?.[0]

test('a statement is planned once where nobody stands between, and each time where somebody may', async () => {
  await using direct = openLane(url)
  await using pooled = openLane(pooler.through(url))
  for (const [{ lane }, known] of [
    [direct, [[ADD], [NAMES]]],
    [pooled, []]
  ] as const) {
    for (const n of [1, 2, 3]) expect(await add(lane, n)).toBe(n + 1)
    expect(await lane.query(NAMES, [])).toEqual(known)
  }
})

test('a server that forgot its names is asked without them', async () => {
  await using scene = openLane(url)
  const { lane } = scene
  expect(await add(lane, 1)).toBe(2)
  const [before] = await lane.query('SELECT pg_backend_pid()', [])
  await lane.query('DEALLOCATE ALL', [])
  expect(await add(lane, 2)).toBe(3)
  expect(await add(lane, 3)).toBe(4)
  expect(await lane.query('SELECT pg_backend_pid()', [])).toEqual([before])
})

test('a refusal leaves the connection and its names, an end makes another', async () => {
  await using scene = openLane(url)
  const { lane } = scene
  const pid = async (): Promise<unknown> => (await lane.query('SELECT pg_backend_pid()', []))[0]?.[0]
  expect(await add(lane, 1)).toBe(2)
  const first = await pid()
  await expect(lane.query('SELECT 1 / $1::integer', [0])).rejects.toThrow('division by zero')
  expect(await pid()).toBe(first)
  await expect(lane.query('SELECT pg_terminate_backend(pg_backend_pid())', [])).rejects.toThrow()
  expect(await add(lane, 2)).toBe(3)
  expect(await pid()).not.toBe(first)
  expect(await lane.query(NAMES, [])).toContainEqual([ADD])
})

test('where the connection cannot be made the next one who asks tries again', async () => {
  const database = new URL(url).pathname.slice(1)
  await using scene = openLane(url)
  await server.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`)
  await expect(add(scene.lane, 1)).rejects.toThrow('not currently accepting connections')
  await server.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`)
  expect(await add(scene.lane, 1)).toBe(2)
  expect(scene.reports).toEqual([])
})
