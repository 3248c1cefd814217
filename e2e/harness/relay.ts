import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const root = resolve(import.meta.dirname, '../..')

/** A relay as a host runs it: a process, a port, a database file. Everything is done to it from outside. */
export type Relay = {
  readonly port: number
  /** As a person types it into the browser. */
  readonly url: string
  readonly folder: string
  /** What it has printed, both streams. */
  readonly printed: () => string
  /** kill -9: nothing is flushed, no goodbye. Resolves when the process is gone. */
  readonly kill: () => Promise<void>
  /** SIGTERM, as a service manager does. */
  readonly stop: () => Promise<void>
  /** Starts it again on the same port and database. */
  readonly start: () => Promise<void>
  /** Copies the database of a stopped relay aside, under a name. */
  readonly keepCopy: (name: string) => void
  /** Puts a kept copy in the place of the database of a stopped relay; null = no database at all. */
  readonly replaceDatabase: (name: string | null) => void
  readonly pid: () => number | undefined
}

export const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer()
    server.on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))
      )
    })
  })

const isHealthy = (url: string): Promise<boolean> =>
  new Promise((done) => {
    const answered = (response: IncomingMessage): void => {
      response.resume()
      done(response.statusCode === 200)
    }
    const request = url.startsWith('https:')
      ? httpsGet(url, { rejectUnauthorized: false }, answered)
      : httpGet(url, answered)
    request.on('error', () => done(false))
  })

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

export type RelayOptions = {
  /** Further settings, as a host gives them. */
  readonly env?: (port: number) => Readonly<Record<string, string>>
  readonly tls?: boolean
  /** Chosen before, where another relay must know it. */
  readonly port?: number
}

export const startRelay = async (options: RelayOptions = {}): Promise<Relay> => {
  const { env = () => ({}), tls = false } = options
  const folder = mkdtempSync(join(tmpdir(), 'council-relay-'))
  const port = options.port ?? (await freePort())
  const url = `${tls ? 'https' : 'http'}://localhost:${port}`
  let child: ChildProcess | undefined
  let printed = ''

  const gone = async (signal: NodeJS.Signals): Promise<void> => {
    const dying = child
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return
    const ended = new Promise((done) => dying.once('exit', done))
    dying.kill(signal)
    await ended
  }

  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [join(root, 'sync-server/main.ts')], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: String(port),
        APP_DIR: process.env.APP_DIR ?? 'dist/app',
        DATABASE_URL: `sqlite:${join(folder, 'council.db')}`,
        ...env(port)
      },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    child = started
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
    for (let tries = 0; tries < 200; tries += 1) {
      if (started.exitCode !== null) break
      if (await isHealthy(`${url}/healthz`)) return
      await pause(50)
    }
    throw new Error(`The relay did not start on ${url}:\n${printed}`)
  }

  const files = (from: string): string[] => readdirSync(from).filter((file) => file.startsWith('council.db'))

  await start()
  return {
    port,
    url,
    folder,
    printed: () => printed,
    kill: () => gone('SIGKILL'),
    stop: () => gone('SIGTERM'),
    start,
    keepCopy: (name) => {
      mkdirSync(join(folder, name))
      for (const file of files(folder)) copyFileSync(join(folder, file), join(folder, name, file))
    },
    replaceDatabase: (name) => {
      for (const file of files(folder)) rmSync(join(folder, file))
      if (name !== null)
        for (const file of files(join(folder, name))) copyFileSync(join(folder, name, file), join(folder, file))
    },
    pid: () => child?.pid
  }
}
