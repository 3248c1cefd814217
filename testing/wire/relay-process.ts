import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { WebSocket } from 'ws'
import { SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { createWire, type Wire } from './wire.ts'

/** The real relay as a process of its own, on a port the system chose, to be killed at will. */

export interface RelayProcess {
  readonly origin: string
  /** As AUTH names it. */
  readonly host: string
  readonly child: ChildProcess
  dial(options?: { protocols?: string[]; origin?: string }): Promise<Wire>
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM. @returns the exit code. */
  stop(): Promise<number | null>
  /** SIGSTOP: alive to the kernel, dead to everybody else. */
  freeze(): void
  thaw(): void
  output(): string
}

export type RelayProcessOptions = Database & {
  /** Chosen before, so that addresses in front can name it; the system chooses one otherwise. */
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
  /** Runs before node, for example a tracer. */
  readonly wrapper?: readonly string[]
  readonly args?: readonly string[]
}

type Database =
  | {
      readonly databasePath: string
      /** Appended to DATABASE_URL. */
      readonly query?: string
    }
  | { readonly databaseUrl: string }

const urlOf = (database: Database): string =>
  'databaseUrl' in database ? database.databaseUrl : `sqlite:${database.databasePath}${database.query ?? ''}`

const MAIN = resolve(import.meta.dirname, '../../sync-server/main.ts')

const exited = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((done) => child.once('exit', (code) => done(code)))

/** Starts and waits for its first address, or for its end. */
export const startRelayProcess = async (options: RelayProcessOptions): Promise<RelayProcess> => {
  const { port, env = {}, wrapper = [], args = [] } = options
  const [command = process.execPath, ...rest] = [...wrapper, process.execPath, MAIN, ...args]
  const child = spawn(command, rest, {
    env: {
      PATH: process.env.PATH,
      PORT: `${port ?? 0}`,
      LOG_LEVEL: 'error',
      DATABASE_URL: urlOf(options),
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: a tracer and what it traces end together.
    detached: true
  })
  let output = ''
  const origin = await new Promise<string>((done, fail) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      const found = /^ {2}(https?:\/\/localhost:\d+)/m.exec(output)?.[1]
      if (found !== undefined) done(port === undefined ? found : `http://localhost:${port}`)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => fail(new Error(`the relay ended with ${code}: ${output}`)))
  })
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name)
  }
  return {
    origin,
    host: new URL(origin).host,
    child,
    dial: ({ protocols = [...SEALED_SUBPROTOCOLS], origin: page } = {}) =>
      dialWire(`${origin.replace('http', 'ws')}/sealed`, protocols, page),
    async kill() {
      signal('SIGKILL')
      await exited(child)
    },
    stop() {
      signal('SIGTERM')
      return exited(child)
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    output: () => output
  }
}

const dialWire = (address: string, protocols: string[], origin: string | undefined): Promise<Wire> =>
  new Promise((done, fail) => {
    const socket = new WebSocket(address, protocols, {
      rejectUnauthorized: false,
      ...(origin === undefined ? {} : { origin })
    })
    const wire = createWire({ send: (bytes) => socket.send(bytes), close: () => socket.close() })
    socket.on('message', (data) => wire.received(new Uint8Array(data as Buffer)))
    socket.on('close', (code) => wire.ended(code))
    socket.on('error', fail)
    socket.on('open', () => done(wire))
  })

/** A folder for one test. */
export const temporaryFolder = async (): Promise<{ readonly path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'council-relay-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
