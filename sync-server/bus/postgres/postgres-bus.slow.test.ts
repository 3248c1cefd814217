import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BusNews } from '#server/bus/bus-parts.ts'
import { busContract } from '#server/rooms/bus.contract.ts'
import { bytes, heard, until } from '#server/rooms/bus-verbs.contract.ts'
import { startPgbouncer } from '#testing/services/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { createPostgresBus } from './postgres-bus.ts'

const ROLE = 'bus'
let server: PostgresServer
const setPassword = (password: string) => server.query(`ALTER ROLE ${ROLE} PASSWORD '${password}'`)

beforeAll(async () => {
  server = await startPostgres()
  await server.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD 'right'`)
})

afterAll(() => server[Symbol.asyncDispose]())

busContract(
  'Postgres',
  ({ news, isWrong = false } = {}) =>
    createPostgresBus({
      url: server.url('postgres', ROLE, isWrong ? 'wrong' : 'right'),
      pulseMs: 200,
      report: (each: BusNews) => news?.push(each)
    }),
  () => ({
    kill: server.kill,
    async start(password = 'right') {
      await server.start()
      await setPassword(password)
    },
    freeze: server.freeze,
    thaw: server.thaw,
    async connections() {
      const [row] = await server.query(`SELECT count(*)::int AS open FROM pg_stat_activity WHERE usename = '${ROLE}'`)
      return Number(row?.open)
    },
    subscriptions: async () => undefined
  })
)

test('[BU20] behind a pool that shares connections a bus does not hear, and says so', async () => {
  await using pool = await startPgbouncer(server, { poolSize: 5 })
  const news: BusNews[] = []
  const report = (each: BusNews): unknown => news.push(each)
  const bus = createPostgresBus({ url: pool.through(server.url()), pulseMs: 100, report })
  // Whoever else uses the pool gets the connection that LISTEN went to.
  const direct = createPostgresBus({ url: server.url() })
  try {
    await until(() => news.length > 0)
    expect(news).toEqual([{ kind: 'away', reason: 'notifications do not come through' }])
    expect(bus.hears()).toBe(false)
    // What it says is heard all the same.
    const got = heard(direct, 'room')
    await until(() => {
      bus.publish('room', bytes('through the pool'))
      return got.length > 0
    })
  } finally {
    await Promise.all([bus.close(), direct.close()])
  }
})

test('[BU21] what others notify on the channel disturbs nobody', async () => {
  const [alice, bob] = [createPostgresBus({ url: server.url() }), createPostgresBus({ url: server.url() })]
  try {
    await until(() => alice.hears() && bob.hears())
    const got = heard(bob, 'room')
    for (const payload of ['', 'hello', 'AQ==', 'AQAAAAAB', 'AQAAAAAAAP8=']) {
      await server.query(`NOTIFY council_bus, '${payload}'`)
    }
    alice.publish('room', bytes('still here'))
    await until(() => got.length > 0)
    expect(got).toEqual(['still here'])
    expect(bob.hears()).toBe(true)
  } finally {
    await Promise.all([alice.close(), bob.close()])
  }
})
