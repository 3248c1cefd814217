import pg from 'pg'
import { isPassing } from './failure.ts'
import { createLane, type Lane } from './lane.ts'

/** Connections to one Postgres, direct or through PgBouncer: each statement a transaction of its own, nothing kept in a session but, where nobody stands between, the names of a lane's few statements. */

export interface ConnectionOptions {
  readonly url: string
  /** Connections at the most. */
  readonly poolSize: number
  /** A statement that takes longer is given up. */
  readonly statementMs: number
  readonly connectMs: number
  /** Told of connections that break while nobody uses them. */
  readonly report: (line: string) => void
}

export type Row = Readonly<Record<string, unknown>>

export interface Connections {
  /** A connection of its own for who asks one thing after the other and waits for nothing but the disk: appends. */
  lane(): Pick<Lane, 'query'>
  /** All else, so that it never stands before an append. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** Several statements in one transaction. */
  transaction<Value>(run: (query: (text: string) => Promise<readonly Row[]>) => Promise<Value>): Promise<Value>
  close(): Promise<void>
}

/** Sealed entries and open rooms each have a lane. */
const LANES = 2
/** Of what two transactions in each other's way prevented. */
const TRIES = 3
const IDLE_MS = 30_000
const KEEP_ALIVE_MS = 10_000

/** A client gives up a little after the server should have. */
const GRACE_MS = 500

/** Bytes that own their memory: a Buffer cut from Node's pool would keep the whole pool. */
const parseBytes = (text: string): Uint8Array => {
  const size = (text.length - 2) / 2
  const bytes = Buffer.allocUnsafeSlow(size)
  bytes.write(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer)
}

const parseNumbers = (text: string): number[] => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number))

const parserByType: Readonly<Record<number, (text: string) => unknown>> = {
  17: parseBytes,
  // Counts and seqs stay far below 2^53.
  20: Number,
  1007: parseNumbers,
  1016: parseNumbers
}
const types = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    parserByType[type] ?? pg.types.getTypeParser(type, format === 'binary' ? 'binary' : 'text')
} as pg.CustomTypesConfig

const configOf = (options: ConnectionOptions, hasTimeout: boolean): pg.ClientConfig => ({
  connectionString: options.url,
  types,
  application_name: 'sacred-council',
  connectionTimeoutMillis: options.connectMs,
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  query_timeout: options.statementMs + GRACE_MS,
  ...(hasTimeout ? { statement_timeout: options.statementMs } : {})
})

/** Some poolers take no settings with a connection; there the client's own timeout must do. */
const takesSettings = async (options: ConnectionOptions): Promise<boolean> => {
  const client = new pg.Client({
    connectionString: options.url,
    connectionTimeoutMillis: options.connectMs,
    statement_timeout: options.statementMs
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch (cause) {
    if (cause instanceof Error && /unsupported startup parameter/.test(cause.message)) return false
    throw cause
  } finally {
    await client.end().catch(() => {})
  }
}

const again = async <Value>(run: () => Promise<Value>): Promise<Value> => {
  for (let time = 1; ; time++) {
    try {
      return await run()
    } catch (cause) {
      if (time === TRIES || !isPassing(cause)) throw cause
    }
  }
}

/** @throws what the first connection was refused with */
export const connect = async (options: ConnectionOptions): Promise<Connections> => {
  const config = configOf(options, await takesSettings(options))
  let isAway = false
  // Who uses it next makes another. All break at once: one line, until something comes through again.
  const onBroken = (cause: Error): void => {
    if (!isAway) options.report(`the connection to the database broke: ${cause.message}`)
    isAway = true
  }
  const noting = async <Value>(run: () => Promise<Value>): Promise<Value> => {
    const value = await again(run)
    isAway = false
    return value
  }
  const pool = new pg.Pool({ ...config, max: Math.max(1, options.poolSize - LANES), idleTimeoutMillis: IDLE_MS })
  pool.on('error', onBroken)
  const lanes: Lane[] = []
  return {
    lane() {
      const lane = createLane(config, onBroken)
      lanes.push(lane)
      return { query: (text, values) => noting(() => lane.query(text, values)) }
    },
    query: (text, values = []) => noting(async () => (await pool.query<Row>(text, [...values])).rows),
    async transaction(run) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const value = await run(async (text) => (await client.query<Row>(text)).rows)
        await client.query('COMMIT')
        client.release()
        return value
      } catch (cause) {
        // Thrown away with whatever it has open.
        client.release(true)
        throw cause
      }
    },
    async close() {
      await Promise.all([pool.end(), ...lanes.map((lane) => lane.close())])
    }
  }
}
