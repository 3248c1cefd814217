import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, matchesGlob, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

/**
 * Every wall is fed what it must refuse and what it must let through. One run of Biome over a folder of samples with the house's own
 * configuration: a wall that has silently stopped working fails here.
 */
const root = resolve(import.meta.dirname, '..')
const house = mkdtempSync(join(tmpdir(), 'walls-'))

/** file in the room -> imports it must be refused, imports it may make. */
const walls: Readonly<Record<string, { readonly refused: readonly string[]; readonly allowed: readonly string[] }>> = {
  'core/x.ts': {
    refused: ['yjs', 'node:fs', '#app/domain/a.ts', '#server/rooms/ports.ts'],
    allowed: ['#core/ids.ts', './y.ts', 'lib0/encoding']
  },
  'app/domain/breath/x.ts': {
    refused: ['react', 'yjs', '#app/store/ports.ts', 'idb'],
    allowed: ['#core/ids.ts', './y.ts', '#app/domain/journal/a.ts']
  },
  'app/store/x.ts': {
    refused: ['react', 'idb', '#app/vault/ports.ts', '#app/log/a.ts'],
    allowed: ['yjs', '#app/domain/a.ts', './ports.ts']
  },
  'app/vault/x.ts': {
    refused: ['yjs', 'idb', '#app/store/face.ts', '#app/sync/a.ts'],
    allowed: ['@scure/bip39', '#app/store/ports.ts']
  },
  'app/log/x.ts': { refused: ['yjs', 'react', '#app/vault/ports.ts', 'ws'], allowed: ['idb', '#app/store/ports.ts'] },
  'app/sync/x.ts': {
    refused: ['yjs', 'y-websocket', 'idb', 'ws'],
    allowed: ['#app/store/ports.ts', '#app/vault/ports.ts']
  },
  'app/senses/x.ts': { refused: ['react', '#app/store/ports.ts', '#app/ui/ports.ts'], allowed: ['#app/domain/a.ts'] },
  'app/ui/x.tsx': {
    refused: ['yjs', 'idb', 'y-websocket', '#app/log/a.ts', '#app/vault/ports.ts'],
    allowed: ['react', '#app/store/face.ts']
  },
  'app/pwa/x.ts': {
    refused: ['react', 'yjs', 'idb', '#app/store/ports.ts'],
    allowed: ['workbox-precaching', './y.ts']
  },
  'sync-server/protocol/x.ts': {
    refused: ['ws', 'fastify', 'node:crypto', '#server/rooms/ports.ts', '#app/domain/a.ts'],
    allowed: ['#core/ids.ts']
  },
  'sync-server/rooms/x.ts': {
    refused: ['better-sqlite3', 'ws', 'yjs', '#server/storage/sqlite/a.ts'],
    allowed: ['#server/protocol/a.ts']
  },
  'sync-server/storage/sqlite/x.ts': {
    refused: ['pg', 'ws', '#server/rooms/room.ts', '#server/http/a.ts'],
    allowed: ['better-sqlite3', '#server/rooms/ports.ts']
  },
  'sync-server/merge/x.ts': {
    refused: ['better-sqlite3', 'yjs', '#server/rooms/relay.ts'],
    allowed: ['node:worker_threads', '#server/rooms/open-ports.ts', '#server/rooms/yjs.ts']
  },
  'sync-server/storage/memory/x.ts': {
    refused: ['better-sqlite3', '#server/protocol/a.ts'],
    allowed: ['#server/rooms/ports.ts']
  },
  'sync-server/storage/postgres/x.ts': { refused: ['better-sqlite3', '#server/protocol/a.ts'], allowed: ['pg'] },
  'sync-server/bus/x.ts': { refused: ['pg', '#server/bus/nats/a.ts'], allowed: ['./y.ts', '#server/rooms/ports.ts'] },
  'sync-server/bus/nats/x.ts': {
    refused: ['ioredis', 'pg', '#server/bus/postgres/a.ts'],
    allowed: ['@nats-io/transport-node', '#server/bus/y.ts']
  },
  'sync-server/http/x.ts': {
    refused: ['better-sqlite3', 'ws', '#server/storage/sqlite/a.ts', '#app/domain/a.ts'],
    allowed: ['fastify', '#server/rooms/a.ts']
  },
  'sync-server/field/x.ts': {
    refused: ['ws', '#server/http/a.ts', '#server/rooms/open/open-relay.ts'],
    allowed: ['yjs', '#server/rooms/ports.ts', '#server/protocol/open/messages.ts']
  },
  'sync-server/auth/x.ts': { refused: ['ws', '#server/http/a.ts'], allowed: ['jose'] },
  'sync-server/ops/x.ts': { refused: ['ws', '#server/http/a.ts'], allowed: ['pino'] },
  'sync-server/config-store.ts': { refused: ['pg', '#server/http/a.ts'], allowed: ['./config-values.ts'] },
  'sync-server/config.ts': { refused: ['ws', '#server/http/a.ts'], allowed: ['valibot', '#core/result.ts'] },
  'agent/x.ts': { refused: ['react', '#app/ui/ports.ts', '#server/rooms/ports.ts'], allowed: ['#app/store/ports.ts'] },
  'e2e/x.spec.ts': {
    refused: ['#app/store/ports.ts', '#server/config.ts', '#testing/clock.ts'],
    allowed: ['@playwright/test', '#core/limits.ts', '#testing/services/postgres.ts']
  },
  'testing/spec-client/x.ts': {
    refused: ['#core/ids.ts', '#app/vault/ports.ts', '#server/config.ts', '#testing/clock.ts'],
    allowed: ['node:crypto', 'ws', 'yjs', './y.ts']
  },
  'app/store/x.test.ts': { refused: ['../vault/a.ts'], allowed: ['vitest', '#testing/clock.ts'] },
  'scripts/x.ts': { refused: ['../core/ids.ts', './index.ts'], allowed: ['vite', '#core/ids.ts'] }
}

const globals = 'export const a = [Math.random(), new Date(), performance.now(), setTimeout(() => {}, 1)]\n'
const pureFiles = ['core/clock.ts', 'app/domain/clock.ts', 'sync-server/protocol/clock.ts']

type Diagnostic = {
  readonly category: string
  readonly location: { readonly path: string; readonly start?: { readonly line: number } }
}
const refusedLines = new Map<string, Set<number>>()

const put = (file: string, text: string): void => {
  mkdirSync(dirname(join(house, file)), { recursive: true })
  writeFileSync(join(house, file), text)
}

beforeAll(() => {
  const config = readFileSync(join(root, 'biome.json'), 'utf8').replace(
    '"enabled": true,\n    "clientKind"',
    '"enabled": false,\n    "clientKind"'
  )
  put('biome.json', config)
  put('scripts/lint/walls.jsonc', readFileSync(join(root, 'scripts/lint/walls.jsonc'), 'utf8'))
  put('scripts/lint/no-math-random.grit', readFileSync(join(root, 'scripts/lint/no-math-random.grit'), 'utf8'))
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
  for (const [file, { refused, allowed }] of Object.entries(walls)) {
    put(file, [...refused, ...allowed].map((name) => `import '${name}'\n`).join(''))
  }
  for (const file of pureFiles) put(file, globals)
  const ran = spawnSync(
    join(root, 'node_modules/.bin/biome'),
    ['lint', '--reporter=json', '--max-diagnostics=none', '.'],
    { cwd: house, encoding: 'utf8' }
  )
  const report = JSON.parse(ran.stdout) as { readonly diagnostics: readonly Diagnostic[] }
  for (const { category, location } of report.diagnostics) {
    if (!/noRestricted|plugin/.test(category) || location.start === undefined) continue
    const lines = refusedLines.get(location.path) ?? new Set<number>()
    refusedLines.set(location.path, lines.add(location.start.line))
  }
}, 60_000)

afterAll(() => rmSync(house, { recursive: true, force: true }))

test.each(Object.entries(walls))('%s: the wall refuses what it must and lets its own pass', (file, { refused }) => {
  expect([...(refusedLines.get(file) ?? [])].sort((a, b) => a - b)).toEqual(refused.map((_, index) => index + 1))
})

test.each(pureFiles)('%s: time and randomness are arguments', (file) => {
  const ran = spawnSync(join(root, 'node_modules/.bin/biome'), ['lint', '--reporter=json', file], {
    cwd: house,
    encoding: 'utf8'
  })
  const report = JSON.parse(ran.stdout) as {
    readonly diagnostics: readonly (Diagnostic & { readonly location: { readonly start: { column: number } } })[]
  }
  const columns = report.diagnostics
    .filter(({ category }) => /noRestrictedGlobals|plugin/.test(category))
    .map(({ location }) => location.start.column)
  expect(columns.sort((a, b) => a - b)).toEqual(
    ['Math.random', 'Date', 'performance', 'setTimeout'].map((name) => globals.indexOf(name) + 1)
  )
})

test('every row of the walls is tried here', () => {
  const rows = [
    ...readFileSync(join(root, 'scripts/lint/walls.jsonc'), 'utf8').matchAll(/"includes": \["([^"]+)"\]/g)
  ].map(([, glob]) => glob ?? '')
  // One sample for rows of one shape.
  const sameShape = /^sync-server\/bus\/(memory|postgres|redis)|open-room|rooms\/yjs/
  const untried = rows.filter(
    (glob) => !sameShape.test(glob) && !Object.keys(walls).some((file) => matchesGlob(file, glob))
  )
  expect(rows.length).toBeGreaterThan(15)
  expect(untried).toEqual([])
})
