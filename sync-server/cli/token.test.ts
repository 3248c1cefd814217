import { execFileSync } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkOpenToken } from '#server/auth/open-token.ts'
import { temporaryFolder } from '#testing/wire/relay-process.ts'
import { makeToken } from './token.ts'

const NOW = 1_700_000_000_000
const wish = { room: 'notes/today', access: 'read', hours: '24' }
const make = (given: Partial<typeof wish>) => makeToken('secret', { ...wish, ...given }, NOW)

test('a token is for a room, or for all that begin alike', () => {
  const one = make({})
  const many = make({ room: 'notes/*', access: 'write' })
  if (!one.ok || !many.ok) throw new Error('refused')
  expect(checkOpenToken('secret', one.value, 'notes/today', NOW)).toEqual({ ok: true, value: 'read' })
  expect(checkOpenToken('secret', one.value, 'notes/today', NOW + 24 * 3_600_000).ok).toBe(false)
  expect(checkOpenToken('secret', many.value, 'notes/tomorrow', NOW)).toEqual({ ok: true, value: 'write' })
})

test.each([
  [{ room: '' }, 'name a room'],
  [{ room: 'é'.repeat(128) }, '255 bytes'],
  [{ access: 'admin' }, '--access'],
  [{ hours: '0' }, '--hours'],
  [{ hours: '1.5' }, '--hours'],
  [{ hours: 'soon' }, '--hours']
])('%o is refused in one line', (given, reason) => {
  const made = make(given)
  expect(made.ok ? 'made' : made.error).toContain(reason)
})

test('the command signs with the secret beside the database, and makes it where there is none', async () => {
  await using folder = await temporaryFolder()
  const cli = join(import.meta.dirname, 'relay.ts')
  const database = join(folder.path, 'data', 'council.db')
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [cli, 'token', ...args], {
      env: { PATH: process.env.PATH, DATABASE_URL: `sqlite:${database}` },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe']
    })
  const [token = ''] = run('--room', 'notes', '--access', 'write', '--hours', '1').split('\n')
  const path = join(folder.path, 'data', 'council.open-rooms.secret')
  const secret = await readFile(path, 'utf8')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(checkOpenToken(secret, token, 'notes', Date.now())).toEqual({ ok: true, value: 'write' })
  expect(() => run('--room', 'notes', '--access', 'all')).toThrow('--access must be read or write')
  // What somebody emptied by mistake must not sign: an empty key is everybody's.
  await writeFile(path, '\n')
  expect(() => run('--room', 'notes')).toThrow('must hold at least 32 characters')
})
