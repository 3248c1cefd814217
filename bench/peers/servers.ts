import { join, resolve } from 'node:path'
import type { DialectName } from './dialects.ts'

/** Who is measured, in the order of the tables. */

export type ServerName =
  | 'ours'
  | 'sealed'
  | 'ws'
  | 'preframed'
  | 'net'
  | 'stream'
  | 'y-ws'
  | 'y-ws-leveldb'
  | 'hocuspocus'
  | 'hocuspocus-sqlite'

export interface ServerSpec {
  readonly name: ServerName
  readonly label: string
  readonly dialect: DialectName
  /** What stands before the room's name in the path. */
  readonly base: string
  readonly script: string
  /** Holds documents: answers a join with one. */
  readonly keeps: boolean
  /** Still has them after a restart. */
  readonly durable: boolean
  readonly env: (folder: string) => Readonly<Record<string, string>>
}

const ROOT = resolve(import.meta.dirname, '../..')
export const PEERS_FOLDER = join(import.meta.dirname, '.peers')

/** One address plays thousands of people: the limits that protect a host from that would be what is measured. */
const OURS = {
  HOST: '127.0.0.1',
  PORT: '0',
  OPEN_ROOMS: 'open',
  LOG_LEVEL: 'error',
  CONNECTIONS_PER_ADDRESS: '1000000',
  FRAMES_PER_SECOND: '1000000',
  // As `npm start`, the Dockerfile and docs/host.md start it.
  NODE_OPTIONS: '--max-semi-space-size=4'
}

const peer = { base: '/', keeps: true, durable: false, env: () => ({}) } as const
const bare = { ...peer, dialect: 'bare', keeps: false } as const
const script = (name: string): string => join(import.meta.dirname, 'servers', `${name}.ts`)

const relay = {
  script: join(ROOT, 'sync-server/main.ts'),
  keeps: true,
  durable: true,
  env: (folder: string) => ({ ...OURS, DATABASE_URL: `sqlite:${join(folder, 'council.db')}` })
}

export const SERVERS: readonly ServerSpec[] = [
  { ...relay, name: 'ours', label: 'this relay, open', dialect: 'y-websocket', base: '/y/' },
  { ...relay, name: 'sealed', label: 'this relay, sealed', dialect: 'bare', base: '/sealed' },
  { ...bare, name: 'ws', label: 'bare ws', script: script('bare') },
  {
    ...bare,
    name: 'preframed',
    label: 'bare ws, framed once',
    script: script('bare'),
    env: () => ({ BENCH_PREFRAMED: '1' })
  },
  { ...bare, name: 'net', label: 'bare sockets', script: script('net') },
  // Not a broadcast: it answers the one workload that asks what a socket can carry.
  { ...bare, name: 'stream', label: 'one buffer to all', dialect: 'y-websocket', script: script('stream') },
  { ...peer, name: 'y-ws', label: '@y/websocket-server', dialect: 'y-websocket', script: script('y-websocket-server') },
  {
    ...peer,
    name: 'y-ws-leveldb',
    label: '+ leveldb',
    dialect: 'y-websocket',
    script: script('y-websocket-server'),
    durable: true,
    env: (folder) => ({ YPERSISTENCE: join(folder, 'leveldb') })
  },
  { ...peer, name: 'hocuspocus', label: 'Hocuspocus', dialect: 'hocuspocus', script: script('hocuspocus') },
  {
    ...peer,
    name: 'hocuspocus-sqlite',
    label: '+ sqlite',
    dialect: 'hocuspocus',
    script: script('hocuspocus'),
    durable: true,
    env: (folder) => ({ BENCH_SQLITE: join(folder, 'hocuspocus.db') })
  }
]

/** Enough to see where things stand. */
export const QUICK_SERVERS: readonly ServerName[] = ['ours', 'sealed', 'ws', 'stream', 'y-ws', 'hocuspocus-sqlite']
export const PEERS: readonly ServerName[] = ['y-ws', 'y-ws-leveldb', 'hocuspocus', 'hocuspocus-sqlite']
export const BARE: readonly ServerName[] = ['ws', 'preframed', 'net']
export const serverNamed = (name: ServerName): ServerSpec => {
  const spec = SERVERS.find((each) => each.name === name)
  if (spec === undefined) throw new Error(`no server ${name}`)
  return spec
}
