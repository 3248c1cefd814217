import { err, ok, type Result } from '#core/result.ts'
import { type ConnectionOptions, type Connections, connect } from './connections.ts'
import { codeOf, reasonOf } from './failure.ts'
import { APPLICATION, MIGRATIONS, type Migration, type Schemas } from './schema.ts'

/** Opening: who may, what it finds, and migrations. Each refusal is one line a host can act on; none names a password. */

class StoreRefusal extends Error {}

export interface OpenStoreOptions extends ConnectionOptions {
  readonly schemas: Schemas
  readonly migrations?: readonly Migration[]
}

const OLDEST_SERVER = 15

/** Any number that other programs are unlikely to lock: "SCnl". Relays that start at once migrate one after the other. */
const MIGRATION_LOCK = 0x53436e6c

/** Why a store cannot be opened, as one line for the host. */
export interface OpenRefusal {
  readonly line: string
  /** The server is away or not ready: to try again may help, where all else needs a hand. */
  readonly isAway: boolean
}

/** As the server or the system names them. 57P03: it starts up or recovers; 53300: it has no connection left. */
const AWAY = new Set([
  ...['57P03', '53300', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ECONNRESET']
])

interface Place {
  readonly server: string
  readonly database: string
  readonly user: string
}

/** What the address names, for people. */
const placeOf = (url: string): Place => {
  const { host, pathname, username } = new URL(url)
  return {
    server: host === '' ? 'its socket' : host,
    database: decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username),
    user: decodeURIComponent(username)
  }
}

const refusalOf = (place: Place, cause: unknown): string => {
  if (cause instanceof StoreRefusal) return cause.message
  const at = `the database at ${place.server}`
  const reason = reasonOf(cause)
  switch (codeOf(cause)) {
    case '28P01':
    case '28000':
      return `${at} refuses the user ${place.user} or its password`
    case '3D000':
      return `there is no database ${place.database} at ${place.server}: make it first (createdb ${place.database})`
    case '25006':
      return `${at} is read-only: a relay needs one that it can write to`
    case '42501':
      return `the user ${place.user} may not make its schema in ${place.database}: GRANT CREATE ON DATABASE ${place.database} TO ${place.user} (${reason})`
    case '53100':
      return `no room on the disk of ${at}`
    case '57P03':
      return `${at} is not ready: ${reason}`
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'ECONNRESET':
      return `cannot reach ${at}: ${reason}`
    default:
      return `cannot open ${at}: ${reason}`
  }
}

const setting = async (db: Connections, name: string): Promise<string> =>
  String((await db.query(`SELECT current_setting('${name}') AS value`))[0]?.value)

const checkServer = async (db: Connections, place: Place, report: (line: string) => void): Promise<void> => {
  const version = Math.floor(Number(await setting(db, 'server_version_num')) / 10_000)
  if (version < OLDEST_SERVER) {
    throw new StoreRefusal(
      `the database at ${place.server} is Postgres ${version}: ${OLDEST_SERVER} or newer is needed`
    )
  }
  if ((await setting(db, 'transaction_read_only')) === 'on') {
    throw new StoreRefusal(`the database at ${place.server} is read-only: a relay needs one that it can write to`)
  }
  const isolation = await setting(db, 'transaction_isolation')
  if (isolation !== 'read committed') {
    throw new StoreRefusal(
      `the database at ${place.server} begins transactions as ${isolation}: set default_transaction_isolation to read committed`
    )
  }
  for (const name of ['fsync', 'full_page_writes']) {
    if ((await setting(db, name)) === 'off') {
      report(
        `the database at ${place.server} runs with ${name} = off: what was confirmed may be lost when the power goes`
      )
    }
  }
}

const migrate = async (
  db: Connections,
  place: Place,
  schemas: Schemas,
  migrations: readonly Migration[]
): Promise<void> => {
  const { store, ledger } = schemas
  await db.transaction(async (query) => {
    await query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    const [found] = await query(
      `SELECT to_regnamespace('${store}') IS NOT NULL AS is_there, to_regclass('${store}.store') IS NOT NULL AS is_ours,
         (SELECT count(*) FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('${store}')) AS relations`
    )
    if (found?.is_ours !== true && Number(found?.relations) > 0) {
      throw new StoreRefusal(`the schema ${store} of ${place.database} is not of this relay`)
    }
    if (found?.is_there !== true) await query(`CREATE SCHEMA ${store}`)
    if (found?.is_ours !== true) {
      await query(`CREATE TABLE ${store}.store (application text NOT NULL, version integer NOT NULL)`)
      await query(`INSERT INTO ${store}.store VALUES ('${APPLICATION}', 0)`)
    }
    const [row] = await query(`SELECT application, version FROM ${store}.store`)
    if (row?.application !== APPLICATION)
      throw new StoreRefusal(`the schema ${store} of ${place.database} is not of this relay`)
    const version = Number(row.version)
    if (version > migrations.length) {
      throw new StoreRefusal(
        `the database at ${place.server} was written by a newer relay (store ${version}, this one reads up to ${migrations.length})`
      )
    }
    if (version === migrations.length) return
    const [before] = await query(`SELECT to_regnamespace('${ledger}') IS NOT NULL AS is_there`)
    if (before?.is_there !== true) await query(`CREATE SCHEMA ${ledger}`)
    for (const migration of migrations.slice(version)) await query(migration(schemas))
    await query(`UPDATE ${store}.store SET version = ${migrations.length}`)
  })
}

export const openStore = async (options: OpenStoreOptions): Promise<Result<Connections, OpenRefusal>> => {
  const { schemas, migrations = MIGRATIONS, url, report } = options
  if (!URL.canParse(url)) {
    return err({ line: 'not an address: postgres://user:password@host:port/database', isAway: false })
  }
  const place = placeOf(url)
  let db: Connections | undefined
  try {
    db = await connect(options)
    await checkServer(db, place, report)
    await migrate(db, place, schemas, migrations)
    await db.query(`SELECT ${schemas.store}.apply_ledger()`)
    return ok(db)
  } catch (cause) {
    await db?.close()
    return err({ line: refusalOf(place, cause), isAway: AWAY.has(codeOf(cause)) })
  }
}
