import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/** What the search asks of the machine; tests give their own. */
export type Machine = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
  readonly canRun: (path: string) => boolean
  /** Path of the browser that Playwright keeps, whether it is there or not. */
  readonly playwrightPath: () => string
  /** Runs a command; true when it ended with 0. */
  readonly run: (command: string, args: readonly string[]) => boolean
}

export type FoundBrowser =
  | { readonly ok: true; readonly path: string }
  /** `command` is what a person types to get one. */
  | { readonly ok: false; readonly command: string }

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium'
]

export const browserOnMachine = (machine: Machine): string | undefined => {
  const folders = (machine.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [
    ...(machine.env.CHROMIUM === undefined ? [] : [machine.env.CHROMIUM]),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...elsewhere,
    machine.playwrightPath()
  ]
  return candidates.find(machine.canRun)
}

/**
 * The system's Chromium, else Playwright's, else (as root: a container, CI, a bare server) Debian's package, else the one command to type.
 * A person's own account is never asked for a password and nothing is installed behind its back.
 */
export const findBrowser = (machine: Machine): FoundBrowser => {
  const present = browserOnMachine(machine)
  if (present !== undefined) return { ok: true, path: present }
  const hasApt = ['/usr/bin/apt-get'].some(machine.canRun)
  if (hasApt && machine.isRoot) {
    machine.run('apt-get', ['update', '-qq'])
    if (machine.run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])) {
      const installed = browserOnMachine(machine)
      if (installed !== undefined) return { ok: true, path: installed }
    }
  }
  return {
    ok: false,
    command: hasApt ? 'sudo apt-get install -y --no-install-recommends chromium' : 'npx playwright install chromium'
  }
}

const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const thisMachine = async (): Promise<Machine> => {
  const { chromium } = await import('playwright-core')
  return {
    env: process.env,
    isRoot: process.getuid?.() === 0,
    canRun,
    playwrightPath: () => chromium.executablePath(),
    run: (command, args) =>
      spawnSync(command, args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
      }).status === 0
  }
}

/** What Chromium needs where there is no graphics card, no sandbox for root, and no network beyond loopback. */
export const browserArgs: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]
