import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureCommand } from './debian-packages.ts'
import type { PostgresServer } from './postgres.ts'
import { freePort, handOver, type ServiceProcess, serviceFolder, startService } from './service-process.ts'

/** A real PgBouncer before a Postgres: clients share connections, a transaction at a time. */

export interface Pgbouncer extends AsyncDisposable {
  readonly port: number
  /** The address through PgBouncer of what the given address names directly. */
  through(url: string): string
  kill(): Promise<void>
  freeze(): Promise<void>
  thaw(): Promise<void>
  stop(): Promise<void>
  /** After `kill` or `stop`, on the same port. */
  start(): Promise<void>
  output(): string
}

export interface PgbouncerOptions {
  readonly poolMode?: 'transaction' | 'session' | 'statement'
  /** Connections to the server for each database. */
  readonly poolSize?: number
}

const configuration = (port: number, folder: string, server: PostgresServer, options: PgbouncerOptions): string => `
[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'users')}
pool_mode = ${options.poolMode ?? 'transaction'}
default_pool_size = ${options.poolSize ?? 5}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
; As docs/host.md says: a server that was away is tried again after a second, and not after 15.
server_login_retry = 1
`

export const startPgbouncer = async (server: PostgresServer, options: PgbouncerOptions = {}): Promise<Pgbouncer> => {
  const command = ensureCommand('pgbouncer')
  const folder = await serviceFolder('pgbouncer')
  const port = await freePort()
  const file = join(folder.path, 'pgbouncer.ini')
  const contents = {
    [file]: configuration(port, folder.path, server, options),
    [join(folder.path, 'users')]: `"council" "${server.password}"\n`
  }
  for (const [path, text] of Object.entries(contents)) {
    await writeFile(path, text)
    await handOver(path)
  }
  const launch = (): Promise<ServiceProcess> =>
    startService({
      command,
      args: [file],
      cwd: folder.path,
      asNobody: true,
      ready: /process up/,
      stopSignal: 'SIGINT'
    })
  let process = await launch()
  return {
    port,
    through(url) {
      const through = new URL(url)
      through.port = `${port}`
      return through.href
    },
    kill: () => process.kill(),
    freeze: () => process.freeze(),
    thaw: () => process.thaw(),
    async stop() {
      await process.stop()
    },
    async start() {
      process = await launch()
    },
    output: () => process.output(),
    async [Symbol.asyncDispose]() {
      await process.stop()
      await folder[Symbol.asyncDispose]()
    }
  }
}
