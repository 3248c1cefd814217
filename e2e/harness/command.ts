import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const root = resolve(import.meta.dirname, '../..')
/** What a clone holds that the commands read. */
const sources = ['app', 'core', 'sync-server', 'scripts', 'public', 'package.json', 'package-lock.json']
const settings = ['vite.config.ts', 'lingui.config.ts', 'tsconfig.json']

/** A copy of the project: what is built, kept and edited there stays out of the way of who works here. */
export type Clone = {
  readonly folder: string
  /** Runs one of the README's commands there, as a person runs it. */
  readonly npm: (args: readonly string[], env?: Readonly<Record<string, string>>) => Command
  /** Ends what still runs, and removes the copy. */
  readonly remove: () => Promise<void>
}

export const cloneProject = (): Clone => {
  const folder = mkdtempSync(join(tmpdir(), 'council-clone-'))
  for (const name of [...sources, ...settings]) cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const commands: Command[] = []
  return {
    folder,
    npm: (args, env = {}) => {
      const command = npm(args, folder, env)
      commands.push(command)
      return command
    },
    remove: async () => {
      await Promise.all(commands.map((command) => command.end()))
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

export type Command = {
  readonly printed: () => string
  /** Waits until it has printed this; what it printed is the error where it does not. */
  readonly says: (words: RegExp) => Promise<RegExpExecArray>
  /** SIGTERM to npm itself, not to its group: what a supervisor does. Resolves when npm is gone. */
  readonly end: () => Promise<void>
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const npm = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Command => {
  const child = spawn('npm', args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8').replaceAll(colours, '')))
  return {
    printed: () => printed,
    says: async (words) => {
      for (let tries = 0; tries < 2_400; tries += 1) {
        const found = words.exec(printed)
        if (found !== null) return found
        if (child.exitCode !== null || child.signalCode !== null) break
        await pause(50)
      }
      throw new Error(`npm ${args.join(' ')} did not say ${words}:\n${printed}`)
    },
    end: async () => {
      child.kill('SIGTERM')
      await ended
    }
  }
}

/** Resolves when nobody listens there any more. */
export const isLeft = async (url: string): Promise<boolean> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const answers = await fetch(url).then(
      () => true,
      () => false
    )
    if (!answers) return true
    await pause(50)
  }
  return false
}
