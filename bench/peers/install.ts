import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { PEERS_FOLDER } from './servers.ts'

/** The peers, at the versions that the figures name. They live in a folder of their own: the product installs none of them. */

export const PEER_VERSIONS = {
  // The last one on yjs 13, which stock clients speak.
  '@y/websocket-server': '0.1.1',
  'y-leveldb': '0.2.0',
  '@hocuspocus/server': '4.7.0',
  '@hocuspocus/extension-sqlite': '4.7.0',
  ws: '8.23.0',
  yjs: '13.6.33',
  'y-protocols': '1.0.7'
} as const

// What Hocuspocus asks for would be compiled here; this one brings its binaries, and is what the relay uses.
const OVERRIDES = { 'better-sqlite3': '13.2.0' }

export const installPeers = (): void => installInto(PEERS_FOLDER, PEER_VERSIONS)

/** Once; again where the versions are others. */
export const installInto = (folder: string, versions: Readonly<Record<string, string>>): void => {
  const manifestPath = join(folder, 'package.json')
  const described = { private: true, type: 'module', dependencies: versions, overrides: OVERRIDES }
  const manifest = `${JSON.stringify(described, undefined, 2)}\n`
  const isThere =
    existsSync(join(folder, 'node_modules/.package-lock.json')) &&
    existsSync(manifestPath) &&
    readFileSync(manifestPath, 'utf8') === manifest
  if (isThere) return
  console.log(
    `Installing the peers into ${relative(process.cwd(), folder)} (once): ${Object.keys(versions).join(', ')}`
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(manifestPath, manifest)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, npm_config_prefix: undefined }
  })
}
