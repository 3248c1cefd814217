import pg from 'pg'
import type { LogPlace } from '#server/rooms/entry-log-verbs.contract.ts'
import type { UpdateLogPlace } from '#server/rooms/update-log-verbs.contract.ts'
import { openPostgresLog, type PostgresLog, type PostgresLogOptions } from './postgres-log.ts'

/** Places for tests in one database of a real server: a schema each. */
export interface PostgresPlaces {
  readonly url: string
  /** A statement as the superuser, past any pooler. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>
  /** A name of a schema that is not there or empty. */
  nextSchema(): string
  open(schema: string, options?: Partial<PostgresLogOptions>): Promise<PostgresLog>
  logPlace(): Promise<LogPlace>
  updateLogPlace(): Promise<UpdateLogPlace>
  close(): Promise<void>
}

/** What Postgres says when a file cannot grow, said by a trigger: the schema is as full as the test wants it. */
const fillSchema = async (query: PostgresPlaces['query'], schema: string): Promise<() => Promise<void>> => {
  const tables = ['entry', 'update_row', 'base_part', 'snapshot_part']
  await query(`CREATE FUNCTION ${schema}.is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`)
  for (const table of tables) {
    await query(
      `CREATE TRIGGER is_full BEFORE INSERT ON ${schema}.${table} FOR EACH ROW EXECUTE FUNCTION ${schema}.is_full()`
    )
  }
  return async () => {
    await query(`DROP FUNCTION ${schema}.is_full() CASCADE`)
  }
}

/** Tables copied beside the schema, and back: what a restore does to them. */
const copySchema = async (query: PostgresPlaces['query'], schema: string): Promise<() => Promise<void>> => {
  // Parts after what they belong to, whose removal takes them along.
  const tables = ['room', 'base', 'base_part', 'update_row', 'trash']
  await query(tables.map((table) => `CREATE TABLE copy_of_${schema}_${table} AS TABLE ${schema}.${table}`).join('; '))
  return async () => {
    await query(tables.map((table) => `DELETE FROM ${schema}.${table}`).join('; '))
    for (const table of tables) {
      const copy = `copy_of_${schema}_${table}`
      await query(`INSERT INTO ${schema}.${table} OVERRIDING SYSTEM VALUE TABLE ${copy}; DROP TABLE ${copy}`)
    }
  }
}

/**
 * @param directUrl of a database that nobody else uses
 * @param url what the logs are told: the same, or the way there through a pooler
 */
export const createPlaces = (directUrl: string, url = directUrl): PostgresPlaces => {
  const pool = new pg.Pool({ connectionString: directUrl, max: 2 })
  // A server that a test kills cuts it off.
  pool.on('error', () => {})
  let next = 1
  const query: PostgresPlaces['query'] = async (sql) => (await pool.query<Record<string, unknown>>(sql)).rows

  const open: PostgresPlaces['open'] = async (schema, options = {}) => {
    const opened = await openPostgresLog({ url, now: () => 0, rootBytes: 1e9, roomBytes: 1e9, schema, ...options })
    if (!opened.ok) throw new Error(opened.error.line)
    return opened.value
  }
  const free: string[] = []
  const nextSchema = (): string => free.pop() ?? `place_${next++}`
  /** Emptied for the next test: making a schema takes longer than most of them. */
  const giveBack = async (schema: string): Promise<void> => {
    const tables = await query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname IN ('${schema}', '${schema}_erasures') AND tablename <> 'store'`
    )
    await query(tables.map(({ name }) => `DELETE FROM ${name}`).join('; '))
    free.push(schema)
  }

  return {
    url,
    query,
    nextSchema,
    open,
    async logPlace() {
      const schema = nextSchema()
      let now = 0
      return {
        open: (rootBytes = 1e9) => open(schema, { now: () => now, rootBytes }),
        setNow(ms) {
          now = ms
        },
        async wipe() {
          await query(`DROP SCHEMA ${schema} CASCADE`)
        },
        fill: () => fillSchema(query, schema),
        [Symbol.asyncDispose]: () => giveBack(schema)
      }
    },
    async updateLogPlace() {
      const schema = nextSchema()
      return {
        async open(roomBytes = 1e9) {
          const log = await open(schema, { roomBytes })
          return { ...log.updates, close: log.close }
        },
        fill: () => fillSchema(query, schema),
        copy: () => copySchema(query, schema),
        [Symbol.asyncDispose]: () => giveBack(schema)
      }
    },
    close: () => pool.end()
  }
}
