import { env } from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '#testing/random.ts'
import { type Pgbouncer, startPgbouncer } from '#testing/services/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { hammerEntries, REFS, ROOTS } from './hammer-entries.fixture.ts'
import { hammerRooms, ROOMS } from './hammer-rooms.fixture.ts'
import { createPlaces, type PostgresPlaces } from './postgres-rig.fixture.ts'

/** Several logs on one store, and a store that is killed and cut off. POSTGRES_SEED repeats a run's choices, not its timing. */
const SEED = Number(env.POSTGRES_SEED ?? Date.now() % 2 ** 31)

let server: PostgresServer
let bouncer: Pgbouncer
let url: string
beforeAll(async () => {
  // As careless as a host may set it: what is confirmed must be on the disk all the same.
  server = await startPostgres({ settings: { synchronous_commit: 'off', wal_writer_delay: '10s' } })
  bouncer = await startPgbouncer(server)
  url = await server.createDatabase()
})
afterAll(async () => {
  await bouncer[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

interface Scene {
  readonly seed: number
  readonly places: PostgresPlaces
  readonly logs: number
  readonly writers: number
  /** Ends after so many answers. */
  readonly answers: number
  /** Something happens each time so many were given, and so often at least. */
  readonly every?: number
  readonly atLeast?: number
  readonly happening?: (time: number) => Promise<void>
}

const play = async (scene: Scene) => {
  const {
    seed,
    places,
    logs: count,
    writers,
    answers,
    every = Number.POSITIVE_INFINITY,
    atLeast = 0,
    happening
  } = scene
  const schema = places.nextSchema()
  const logs = await Promise.all(Array.from({ length: count }, () => places.open(schema)))
  const [first] = logs
  if (first === undefined) throw new Error('no log')
  for (const root of ROOTS) await first.adopt(root, 0, new Uint8Array([1]))
  let given = 0
  let under: Promise<void> | undefined
  let times = 0
  const isEnough = (): boolean => given >= answers && times >= atLeast
  const onAnswer = (): void => {
    given++
    if (isEnough() || given % every !== 0 || under !== undefined || happening === undefined) return
    under = happening(++times).finally(() => {
      under = undefined
    })
  }
  const random = createRandom(seed)
  const hammer = (log: number) => ({
    ...{ logs: log < 0 ? logs : [logs[log] ?? first], random: random.fork(), onAnswer },
    fairWeather: () => under ?? Promise.resolve(),
    isOver: () => isEnough() && under === undefined
  })
  const entries = hammerEntries(hammer(-1))
  const rooms = hammerRooms(hammer(-1))
  await Promise.all([
    ...Array.from({ length: writers }, entries.write),
    ...Array.from({ length: writers }, rooms.write),
    ...REFS.map((ref, index) => entries.read(ref, logs[index % count] ?? first)),
    ...ROOMS.map((room, index) => rooms.read(room, logs[index % count] ?? first))
  ])
  await under
  const sealed = await entries.judge(first, places.query, schema)
  const open = await rooms.judge(first)
  for (const log of logs) await log.close()
  return { sealed, open }
}

const allKept = { problems: [] }

test(`[EL24] [UL20] three logs write, read and compact the same shards and rooms (seed ${SEED})`, async () => {
  const direct = createPlaces(url)
  const { sealed, open } = await play({ seed: SEED, places: direct, logs: 3, writers: 8, answers: 4_000 })
  expect({ sealed, open }).toMatchObject({ sealed: { ...allKept, failures: 0 }, open: { ...allKept, failures: 0 } })
  expect(open.adoptions).toBeGreaterThan(0)
  expect(server.output()).not.toMatch(/deadlock detected/)
  await direct.close()
})

test(`[EL25] [UL21] connections are cut in the middle of commits, to the server and at the pooler (seed ${SEED})`, async () => {
  const direct = createPlaces(url)
  const pooled = createPlaces(url, bouncer.through(url))
  const cut = async (): Promise<void> => {
    await direct.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sacred-council' AND random() < 0.5`
    )
  }
  const atServer = await play({
    ...{ seed: SEED, places: direct, logs: 2, writers: 6, answers: 2_000, every: 50, atLeast: 10, happening: cut }
  })
  expect(atServer).toMatchObject({ sealed: allKept, open: allKept })
  expect(atServer.sealed.failures + atServer.open.failures).toBeGreaterThan(0)
  const restart = async (): Promise<void> => {
    await bouncer.kill()
    await bouncer.start()
  }
  const atPooler = await play({
    ...{
      seed: SEED + 1,
      places: pooled,
      logs: 2,
      writers: 6,
      answers: 1_000,
      every: 250,
      atLeast: 3,
      happening: restart
    }
  })
  expect(atPooler).toMatchObject({ sealed: allKept, open: allKept })
  expect(atPooler.sealed.failures + atPooler.open.failures).toBeGreaterThan(0)
  await direct.close()
  await pooled.close()
})

test(`[EL25] [UL17] [UL21] the server is killed in the middle of appends and comes back with all that was answered (seed ${SEED})`, async () => {
  const places = createPlaces(url)
  const kill = async (): Promise<void> => {
    await server.kill()
    await server.start()
  }
  const { sealed, open } = await play({
    ...{ seed: SEED, places, logs: 2, writers: 6, answers: 3_000, every: 700, atLeast: 3, happening: kill }
  })
  expect({ sealed, open }).toMatchObject({ sealed: allKept, open: allKept })
  expect(sealed.failures + open.failures).toBeGreaterThan(0)
  await places.close()
})
