import { execFileSync } from 'node:child_process'

/** A tool these tests cannot do without: fetched where we may, named where we may not. Never skipped in silence. */
export const needTool = (command: string, debianPackages: string): void => {
  const has = (): boolean => {
    try {
      execFileSync(command, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  if (has()) return
  if (process.getuid?.() === 0) {
    // A machine that never asked has no list of packages, or an old one.
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...debianPackages.split(' ')], {
      stdio: 'ignore'
    })
  }
  if (!has()) throw new Error(`this test needs ${command}: apt-get install ${debianPackages}`)
}
