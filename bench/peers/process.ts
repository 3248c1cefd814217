import { spawn } from 'node:child_process'
import process from 'node:process'
import { allowedCores, cpuSeconds, rss } from './proc.ts'
import { PEERS_FOLDER, type ServerSpec } from './servers.ts'

/** A server as its own process on its own core. */
export interface RunningServer {
  readonly pid: number
  readonly port: number
  readonly spec: ServerSpec
  cpuSeconds(): number
  rss(): number
  /** SIGTERM, then SIGKILL after ten seconds. */
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface StartOptions {
  /** Its data. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
}

const [firstCore = 0, ...otherCores] = allowedCores()
/** A run in a process of its own is held to the load's cores: it must be told which one the servers have. */
const serverCore = process.env.BENCH_SERVER_CORE ?? firstCore
/** The load generator has all that the server has not; on one core they share it, and the figures say little. */
export const SERVER_CORE = String(serverCore)
export const LOAD_CORES = otherCores.length === 0 ? String(serverCore) : otherCores.join(',')

const PORT_LINE = /^port (\d+)$|http:\/\/localhost:(\d+)/m

export const startServer = async (spec: ServerSpec, { folder, env = {} }: StartOptions): Promise<RunningServer> => {
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, spec.script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, BENCH_PEERS: PEERS_FOLDER, ...spec.env(folder), ...env }
  })
  const pid = child.pid as number
  const gone = new Promise<void>((done) => child.once('exit', () => done()))
  let output = ''
  const port = await new Promise<number>((done, fail) => {
    const read = (chunk: Buffer): void => {
      if (output.length > 100_000) return
      output += chunk.toString('utf8')
      const [, own, url] = PORT_LINE.exec(output) ?? []
      if (own !== undefined || url !== undefined) done(Number(own ?? url))
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => fail(new Error(`${spec.name} ended with ${code}: ${output.slice(-2_000)}`)))
  })
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    const last = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(last)
  }
  return {
    pid,
    port,
    spec,
    cpuSeconds: () => cpuSeconds(pid),
    rss: () => rss(pid),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL')
  }
}
