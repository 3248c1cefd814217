import { type ChildProcess, spawn } from 'node:child_process'
import { chown, cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { findCommand } from './debian-packages.ts'

/** A real server as a process of its own, in a folder of its own, to be stopped, killed and frozen at will. */

export interface ServiceProcess {
  readonly pid: number
  readonly child: ChildProcess
  /** The last 64 kB of what it wrote. */
  output(): string
  /** SIGKILL to it and all that it started, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGSTOP to it and all that it started: alive to the kernel, dead to everybody else. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** The service's own way of ending; waits for it. A frozen service is thawed. @returns the exit code */
  stop(): Promise<number | null>
  isRunning(): boolean
}

export interface ServiceOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What the service writes when it can be used. */
  readonly ready: RegExp
  readonly stopSignal?: NodeJS.Signals
  /** Runs before the command, for example a tracer. */
  readonly wrapper?: readonly string[]
  /** Runs it as nobody where the tests run as root: some servers refuse root. */
  readonly asNobody?: boolean
}

const KEPT_OUTPUT = 64_000
const NOBODY = 65_534

const isRoot = (): boolean => process.getuid?.() === 0

/** Who runs what was asked to run as nobody, where tests run as root. */
const credentials = (asNobody: boolean) => (asNobody && isRoot() ? { uid: NOBODY, gid: NOBODY } : {})

/** Runs a command of a service to its end. @throws what it wrote, where it failed */
export const runToEnd = (
  command: string,
  args: readonly string[],
  options: { readonly asNobody?: boolean; readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}
): Promise<string> =>
  new Promise((done, fail) => {
    const child = spawn(command, args, {
      ...credentials(options.asNobody ?? false),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { PATH: process.env.PATH, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    child.once('error', fail)
    child.once('close', (code) =>
      code === 0 ? done(output) : fail(new Error(`${command} ended with ${code}: ${output}`))
    )
  })

/** The process and all below it. Servers put their children into sessions of their own: a group does not hold them. */
const family = async (pid: number): Promise<number[]> => {
  const childrenByParent = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // The name in brackets may hold anything; the parent comes second after it.
    const parent = Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1])
    childrenByParent.set(parent, [...(childrenByParent.get(parent) ?? []), Number(name)])
  }
  const found = [pid]
  for (const each of found) found.push(...(childrenByParent.get(each) ?? []))
  return found
}

const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

/** Grandchildren tell nobody that they have ended; they hold memory and ports until then. */
const untilGone = async (pid: number): Promise<void> => {
  for (;;) {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const state = line.slice(line.lastIndexOf(')') + 2)[0]
    if (state === undefined || state === 'Z' || state === 'X') return
    await new Promise((done) => setTimeout(done, 1))
  }
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) if (child.pid !== undefined) signalTo(child.pid, 'SIGTERM')
})

/** Resolves when the service says that it can be used. @throws what it wrote, where it ended before */
export const startService = async (options: ServiceOptions): Promise<ServiceProcess> => {
  const { ready, stopSignal = 'SIGTERM', asNobody = false, wrapper = [] } = options
  // Where this process dies without a word, what it started must not live on.
  const setpriv = findCommand('setpriv')
  const guard = setpriv === undefined ? [] : [setpriv, '--pdeathsig', stopSignal.replace('SIG', ''), '--']
  const [command = options.command, ...args] = [...guard, ...wrapper, options.command, ...options.args]
  const child = spawn(command, args, {
    ...credentials(asNobody),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  })
  running.add(child)
  let output = ''
  const ended = new Promise<number | null>((done) => {
    child.once('exit', (code) => {
      running.delete(child)
      done(code)
    })
  })
  await new Promise<void>((done, fail) => {
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT)
      if (ready.test(output)) done()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', fail)
    child.once('close', (code) => fail(new Error(`${options.command} ended with ${code}: ${output}`)))
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${options.command} has no process`)
  const toAll = async (signal: NodeJS.Signals): Promise<void> => {
    if (isAlive(child)) for (const each of await family(pid)) signalTo(each, signal)
  }
  return {
    pid,
    child,
    output: () => output,
    isRunning: () => isAlive(child),
    async kill() {
      // Stopped first: it makes no more children while they are counted.
      if (isAlive(child)) signalTo(pid, 'SIGSTOP')
      const all = isAlive(child) ? await family(pid) : []
      for (const each of all) signalTo(each, 'SIGKILL')
      await ended
      for (const each of all) await untilGone(each)
    },
    freeze: () => toAll('SIGSTOP'),
    thaw: () => toAll('SIGCONT'),
    async stop() {
      await toAll('SIGCONT')
      if (isAlive(child)) signalTo(pid, stopSignal)
      return ended
    }
  }
}

/** A port that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address === null || typeof address === 'string' ? fail(new Error('no port')) : done(address.port)
      )
    })
  })

/** A folder that a service running as nobody may write to. */
export const serviceFolder = async (name: string): Promise<{ readonly path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), `council-${name}-`))
  if (isRoot()) await chown(path, NOBODY, NOBODY)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Gives a file that the tests wrote to whoever runs the service. */
export const handOver = async (path: string): Promise<void> => {
  if (isRoot()) await chown(path, NOBODY, NOBODY)
}

const isOpenToAll = async (path: string): Promise<boolean> => {
  for (let each = path; each !== dirname(each); each = dirname(each)) {
    if (((await stat(each)).mode & 0o005) !== 0o005) return false
  }
  return true
}

/** A program's folder where nobody may read it: itself, or a copy (a checkout in root's home is closed to others). */
export const reachableByNobody = async (path: string, name: string): Promise<string> => {
  if (!isRoot() || (await isOpenToAll(path))) return path
  const copy = join(tmpdir(), `council-${name}`)
  await cp(path, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}
