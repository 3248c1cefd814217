import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAX_FRAME_BYTES } from '#core/limits.ts'
import { WEBSOCKET_LIMITS } from '#server/http/websocket/web-sockets-ports.ts'
import { OPEN_LIMITS } from '#server/rooms/open/open-limits.ts'
import { RELAY_LIMITS } from '#server/rooms/relay-ports.ts'

const HOST = join(import.meta.dirname, '../../docs/host.md')

const size = (bytes: number): string => {
  if (bytes >= 1_000_000) return `${bytes / 1_000_000} MB`
  return bytes % 1_000 === 0 ? `${bytes / 1_000} kB` : `${count(bytes)} bytes`
}
const count = (n: number): string => n.toLocaleString('en-US')

/** In the order of the table. */
const BOUNDS: readonly string[] = [
  size(OPEN_LIMITS.bufferBytes),
  size(RELAY_LIMITS.bufferBytes),
  size(RELAY_LIMITS.hardBufferBytes),
  size(RELAY_LIMITS.pendingBytes),
  size(OPEN_LIMITS.messageBytes),
  size(MAX_FRAME_BYTES),
  count(OPEN_LIMITS.presencesPerSocket),
  size(OPEN_LIMITS.presenceBytes),
  size(OPEN_LIMITS.recentBytesPerRoom),
  size(OPEN_LIMITS.recentBytes),
  size(OPEN_LIMITS.queueBytes),
  size(RELAY_LIMITS.queueBytes),
  size(RELAY_LIMITS.assemblyBytes),
  size(WEBSOCKET_LIMITS.receptionBytes),
  count(OPEN_LIMITS.held),
  count(OPEN_LIMITS.connectionsPerAddress),
  count(OPEN_LIMITS.openingsPerAddress),
  count(OPEN_LIMITS.roomUpdatesPerSecond)
]

test('the bounds that hosts are told are those that hold', () => {
  const text = readFileSync(HOST, 'utf8')
  const [, section = ''] = text.split('## What a socket, a room and an address may hold\n')
  const rows = section.split('\n## ')[0]?.match(/^\| .* \|$/gm) ?? []
  const told = rows.slice(1).map((row) => row.split(' | ')[1])
  expect(told).toEqual(BOUNDS)
})
