import { spawn } from 'node:child_process'
import process from 'node:process'

/** One of the README's commands, run as a person runs it; its own children are ended with it. */
export type Command = {
  readonly printed: () => string
  /** Waits until it has printed this; what it printed is the error where it does not. */
  readonly says: (words: RegExp) => Promise<RegExpExecArray>
  /** SIGTERM to npm itself, not to its group: what a supervisor does. Resolves when npm is gone. */
  readonly end: () => Promise<void>
}

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

export const npm = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Command => {
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
      for (let tries = 0; tries < 1_200; tries += 1) {
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
