import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

/**
 * Programs that tests need and npm does not have. Where tests run as root (a container, CI, a bare server) Debian's packages are installed;
 * on a person's own account nothing is installed and nobody is asked for a password: the one command to type is told.
 */

/** What this asks of the machine; tests give their own. */
export interface PackageMachine {
  readonly isRoot: boolean
  readonly canRun: (path: string) => boolean
  /** Runs a command; true when it ended with 0. */
  readonly run: (command: string, args: readonly string[]) => boolean
}

export const APT = '/usr/bin/apt-get'

/** Another installation on the machine is waited for. */
const LOCK_SECONDS = 300
const TRIES = 3

export const installCommand = (packages: readonly string[]): string =>
  `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`

/** @returns false where this machine does not let us, or the installation failed. */
export const installPackages = (machine: PackageMachine, packages: readonly string[]): boolean => {
  if (!machine.isRoot || !machine.canRun(APT)) return false
  for (let time = 0; time < TRIES; time++) {
    // A machine that never asked has no list of packages, or an old one. Another update under way makes this one fail: it may do for both.
    machine.run('apt-get', ['update', '-qq'])
    const wait = ['-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`]
    if (machine.run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wait, ...packages])) return true
  }
  return false
}

export const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const thisPackageMachine = (): PackageMachine => ({
  isRoot: process.getuid?.() === 0,
  canRun,
  run: (command, args) =>
    spawnSync(command, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    }).status === 0
})

/** Where Debian keeps what a person's PATH may lack. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin']

export const findCommand = (command: string, folders: readonly string[] = []): string | undefined =>
  [...folders, ...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(canRun)

/**
 * @param folders searched before PATH
 * @returns the command's path. Never skips in silence:
 * @throws an error that names what to type where the command is not there and cannot be fetched.
 */
export const ensureCommand = (
  command: string,
  packages: readonly string[] = [command],
  folders: readonly string[] = []
): string => {
  const present = findCommand(command, folders)
  if (present !== undefined) return present
  installPackages(thisPackageMachine(), packages)
  const installed = findCommand(command, folders)
  if (installed === undefined) throw new Error(`this test needs ${command}: ${installCommand(packages)}`)
  return installed
}
