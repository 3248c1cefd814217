import { execFileSync } from 'node:child_process'
import { findCommand } from '#testing/services/debian-packages.ts'

const versionOf = (command: string, word: string): string => {
  const path = findCommand(command)
  if (path === undefined) return 'none'
  const told = execFileSync(path, [word], { encoding: 'utf8' })
  return /\d+\.\d+(\.\d+)?/.exec(told)?.[0] ?? told.trim()
}

/** Of the programs that npm does not have. */
export const serviceVersions = (): Readonly<Record<string, string>> => ({
  'nats-server': versionOf('nats-server', '--version'),
  redis: versionOf('redis-server', '--version'),
  haproxy: versionOf('haproxy', '-v')
})
