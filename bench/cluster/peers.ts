import { join } from 'node:path'
import { installInto } from '#bench/peers/install.ts'

/** Hocuspocus as several nodes run it: its Redis extension between them, and one database that both store to. */

export const CLUSTER_PEERS_FOLDER = join(import.meta.dirname, '.peers')

export const CLUSTER_PEER_VERSIONS = {
  '@hocuspocus/server': '4.7.0',
  '@hocuspocus/provider': '4.7.0',
  '@hocuspocus/extension-redis': '4.7.0',
  '@hocuspocus/extension-sqlite': '4.7.0',
  ws: '8.23.0',
  yjs: '13.6.33',
  'y-protocols': '1.0.7'
} as const

export const installClusterPeers = (): void => installInto(CLUSTER_PEERS_FOLDER, CLUSTER_PEER_VERSIONS)
