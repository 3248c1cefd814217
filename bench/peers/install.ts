import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

const MANIFEST = {
  private: true,
  type: 'module',
  dependencies: PEER_VERSIONS,
  // What Hocuspocus asks for would be compiled here; this one brings its binaries, and is what the relay uses.
  overrides: { 'better-sqlite3': '13.2.0' }
}

export const installPeers = (): void => {
  const manifestPath = join(PEERS_FOLDER, 'package.json')
  const manifest = `${JSON.stringify(MANIFEST, undefined, 2)}\n`
  const isThere =
    existsSync(join(PEERS_FOLDER, 'node_modules/.package-lock.json')) &&
    existsSync(manifestPath) &&
    readFileSync(manifestPath, 'utf8') === manifest
  if (isThere) return
  console.log(
    `Installing the peers into ${join('bench/peers', '.peers')} (once): ${Object.keys(PEER_VERSIONS).join(', ')}`
  )
  mkdirSync(PEERS_FOLDER, { recursive: true })
  writeFileSync(manifestPath, manifest)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
    cwd: PEERS_FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, npm_config_prefix: undefined }
  })
}
