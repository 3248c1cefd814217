import { afterAll, beforeAll, describe } from 'vitest'
import { entryLogContract } from '#server/rooms/entry-log.contract.ts'
import { updateLogContract } from '#server/rooms/update-log.contract.ts'
import { type Pgbouncer, startPgbouncer } from '#testing/services/pgbouncer.ts'
import { type PostgresServer, startPostgres } from '#testing/services/postgres.ts'
import { createPlaces, type PostgresPlaces } from './postgres-rig.fixture.ts'

describe.each([
  { version: 18, isPooled: false },
  { version: 15, isPooled: false },
  { version: 18, isPooled: true }
] as const)('Postgres $version, through PgBouncer: $isPooled', ({ version, isPooled }) => {
  let server: PostgresServer
  let bouncer: Pgbouncer | undefined
  let places: PostgresPlaces

  beforeAll(async () => {
    server = await startPostgres({ version })
    const url = await server.createDatabase()
    bouncer = isPooled ? await startPgbouncer(server) : undefined
    places = createPlaces(url, bouncer?.through(url))
  })
  afterAll(async () => {
    await places.close()
    await bouncer?.[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  entryLogContract('postgres', () => places.logPlace())
  updateLogContract('postgres', () => places.updateLogPlace())
})
