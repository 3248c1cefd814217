import { delimiter, join } from 'node:path'
import process from 'node:process'
import {
  APT,
  installCommand,
  installPackages,
  type PackageMachine,
  thisPackageMachine
} from '#testing/services/debian-packages.ts'

/** What the search asks of the machine; tests give their own. */
export interface Machine extends PackageMachine {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Path of the browser that Playwright keeps, whether it is there or not. */
  readonly playwrightPath: () => string
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
  const installed = installPackages(machine, ['chromium']) ? browserOnMachine(machine) : undefined
  if (installed !== undefined) return { ok: true, path: installed }
  return {
    ok: false,
    command: machine.canRun(APT) ? installCommand(['chromium']) : 'npx playwright install chromium'
  }
}

export const thisMachine = async (): Promise<Machine> => {
  const { chromium } = await import('playwright-core')
  return {
    ...thisPackageMachine(),
    env: process.env,
    playwrightPath: () => chromium.executablePath()
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
