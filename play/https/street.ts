import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** Machines on one street: network namespaces of this Linux, joined by a bridge. Needs root, and leaves nothing behind. */

export const machines = { laptop: '10.77.0.2', server: '10.77.0.3', phone: '10.77.0.4' } as const
export type Machine = keyof typeof machines

export type Street = {
  /** Starts a program on a machine, and waits until it has printed this. */
  readonly start: (on: Machine, command: readonly string[], env: Env, says: RegExp) => Promise<ChildProcess>
  /** Runs a program on a machine to its end. @throws with what it printed, where it failed. */
  readonly run: (on: Machine, command: readonly string[], env?: Env) => Promise<string>
  /** What a machine finds under a name: its /etc/hosts. */
  readonly names: (on: Machine, addressByName: Readonly<Record<string, string>>) => void
  readonly end: () => Promise<void>
}
type Env = Readonly<Record<string, string>>

const BRIDGE = 'council-street'
const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
const spaceOf = (machine: Machine): string => `council-${machine}`
const filesOf = (machine: Machine): string => join('/etc/netns', spaceOf(machine))
const all = Object.keys(machines) as Machine[]

const build = (): void => {
  ip('netns', 'add', BRIDGE)
  ip('-n', BRIDGE, 'link', 'add', 'bridge', 'type', 'bridge')
  ip('-n', BRIDGE, 'link', 'set', 'bridge', 'up')
  for (const machine of all) {
    const space = spaceOf(machine)
    ip('netns', 'add', space)
    ip('-n', space, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', machine, 'netns', BRIDGE)
    ip('-n', BRIDGE, 'link', 'set', machine, 'master', 'bridge', 'up')
    ip('-n', space, 'addr', 'add', `${machines[machine]}/24`, 'dev', 'eth0')
    for (const link of ['lo', 'eth0']) ip('-n', space, 'link', 'set', link, 'up')
    mkdirSync(filesOf(machine), { recursive: true })
  }
}

const takeDown = (): void => {
  for (const space of [BRIDGE, ...all.map(spaceOf)]) ip('netns', 'del', space)
  for (const machine of all) rmSync(filesOf(machine), { recursive: true, force: true })
}

export const buildStreet = (): Street => {
  build()
  const running: ChildProcess[] = []

  const launch = (on: Machine, [command = '', ...args]: readonly string[], env: Env): ChildProcess =>
    spawn('ip', ['netns', 'exec', spaceOf(on), command, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })

  const read = (child: ChildProcess, seen: (printed: string) => void): void => {
    let printed = ''
    const add = (chunk: Buffer): void => {
      printed += chunk.toString('utf8')
      seen(printed)
    }
    child.stdout?.on('data', add)
    child.stderr?.on('data', add)
  }

  return {
    start: (on, command, env, says) =>
      new Promise((done, fail) => {
        const child = launch(on, command, env)
        running.push(child)
        let last = ''
        read(child, (printed) => {
          last = printed
          if (says.test(printed)) done(child)
        })
        child.once('exit', (code) => fail(new Error(`${command.join(' ')} ended with ${code}:\n${last}`)))
      }),
    run: (on, command, env = {}) =>
      new Promise((done, fail) => {
        const child = launch(on, command, env)
        let last = ''
        read(child, (printed) => {
          last = printed
        })
        child.once('close', (code) =>
          code === 0 ? done(last) : fail(new Error(`${command.join(' ')} ended with ${code}:\n${last}`))
        )
      }),
    names: (on, addressByName) =>
      writeFileSync(
        join(filesOf(on), 'hosts'),
        [
          '127.0.0.1 localhost',
          ...Object.entries(addressByName).map(([name, address]) => `${address} ${name}`),
          ''
        ].join('\n')
      ),
    end: async () => {
      for (const child of running.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        const ended = new Promise((done) => child.once('exit', done))
        child.kill('SIGTERM')
        await ended
      }
      takeDown()
    }
  }
}
