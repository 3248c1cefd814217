import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '#server/config.ts'

const parse = (env: Record<string, string>, args: string[] = []) => {
  const parsed = parseConfig(env, args)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const refusal = (env: Record<string, string>, args: string[] = []): string => {
  const parsed = parseConfig(env, args)
  return parsed.ok ? 'accepted' : parsed.error
}

describe('configuration', () => {
  test('nothing set: loopback, port 8080, SQLite, open to who sits here', () => {
    const config = parse({})
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      admission: { kind: 'open' },
      graveyardDays: 30,
      trustProxy: 0
    })
    expect(config.store).toEqual({ kind: 'sqlite', path: resolve('data/council.db'), synchronous: 'FULL' })
    expect(config.bus).toEqual({ kind: 'memory' })
  })

  test('a store that relays share, and the bus between them', () => {
    const url = 'postgres://council:word@db.example/council'
    expect(parse({ DATABASE_URL: url }).store).toEqual({ kind: 'postgres', url, connections: 10 })
    expect(parse({ DATABASE_URL: url }).bus).toEqual({ kind: 'memory' })
    expect(parse({ DATABASE_URL: url, BUS_URL: 'postgres:' }).bus).toEqual({ kind: 'postgres', url })
    const direct = 'postgres://council:word@direct.example:5433/council'
    expect(parse({ DATABASE_URL: url, BUS_URL: direct }).bus).toEqual({ kind: 'postgres', url: direct })
    const servers = 'nats://a.example:4222,nats://b.example:4222'
    expect(parse({ DATABASE_URL: url, BUS_URL: servers }).bus).toEqual({ kind: 'nats', url: servers })
    expect(parse({ DATABASE_URL: 'postgres:///council?host=/run/postgresql' }).store.kind).toBe('postgres')
  })

  test('a wrong address is told without the password in it', () => {
    for (const env of [{ DATABASE_URL: 'postgres://me:secret@x' }, { DATABASE_URL: 'mysql://me:secret@x/y' }])
      expect(refusal(env)).not.toContain('secret')
  })

  test('started from another folder it serves the app that was built here, and takes a given path from there', () => {
    const here = process.cwd()
    process.chdir(tmpdir())
    try {
      expect(parse({}).appPath).toBe(resolve(import.meta.dirname, '../dist/app'))
      expect(parse({ APP_DIR: 'mine' }).appPath).toBe(join(process.cwd(), 'mine'))
    } finally {
      process.chdir(here)
    }
  })

  test('a flag wins over the variable of the same name; an empty variable counts as not set', () => {
    expect(parse({ PORT: '1' }, ['--port', '2']).port).toBe(2)
    expect(parse({ PORT: '' }).port).toBe(8080)
  })

  test('who others can reach asks for vouchers unless told otherwise', () => {
    expect(refusal({ HOST: '0.0.0.0' })).toMatch(/^VOUCHERS is needed/)
    expect(refusal({ PUBLIC_URL: 'https://council.example' })).toMatch(/^VOUCHERS is needed/)
    expect(parse({ HOST: '0.0.0.0', ADMISSION: 'open' }).admission).toEqual({ kind: 'open' })
    expect(parse({ HOST: '0.0.0.0', VOUCHERS: 'long-enough, another-one' }).admission).toEqual({
      kind: 'voucher',
      vouchers: ['long-enough', 'another-one']
    })
    expect(parse({ VOUCHERS: 'long-enough' }).admission).toEqual({ kind: 'voucher', vouchers: ['long-enough'] })
    expect(refusal({ ADMISSION: 'voucher', VOUCHERS: 'short' })).toMatch(/8 characters/)
    expect(parse({ PUBLIC_URL: 'http://localhost:5173' }).admission).toEqual({ kind: 'open' })
  })

  test('open rooms are open where who sits here may keep data, and ask for a token elsewhere', () => {
    expect(parse({}).openRooms).toEqual({ policy: 'open', secret: undefined, origins: [] })
    expect(parse({ VOUCHERS: 'long-enough' }).openRooms.policy).toBe('token')
    expect(parse({ HOST: '0.0.0.0', VOUCHERS: 'long-enough' }).openRooms.policy).toBe('token')
    expect(parse({ HOST: '0.0.0.0', ADMISSION: 'open' }).openRooms.policy).toBe('open')
    expect(parse({ VOUCHERS: 'long-enough', OPEN_ROOMS: 'read' }).openRooms.policy).toBe('read')
    expect(parse({ OPEN_ORIGINS: 'https://notes.example http://localhost:1234' }).openRooms.origins).toEqual([
      'https://notes.example',
      'http://localhost:1234'
    ])
    expect(parse({ OPEN_ORIGINS: '*' }).openRooms.origins).toBe('*')
    expect(parse({ ROOM_MEGABYTES: '5' }).roomBytes).toBe(5_000_000)
  })

  test('metrics are for this machine while only this machine can reach the relay', () => {
    expect(parse({}).metrics).toBe('local')
    expect(parse({ HOST: '0.0.0.0', ADMISSION: 'open' }).metrics).toBe('off')
    expect(parse({ PUBLIC_URL: 'https://council.example', ADMISSION: 'open' }).metrics).toBe('off')
    expect(parse({ TRUST_PROXY: '1' }).metrics).toBe('off')
    expect(parse({ HOST: '0.0.0.0', ADMISSION: 'open', METRICS: 'public' }).metrics).toBe('public')
  })

  test.each([
    [{ PORT: '80a' }, 'PORT'],
    [{ PORT: '70000' }, 'PORT'],
    [{ DATABASE_URL: 'postgres://x' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'postgres://' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'postgres://h/d', DATABASE_CONNECTIONS: '1' }, 'DATABASE_CONNECTIONS'],
    [{ DATABASE_CONNECTIONS: 'ten' }, 'DATABASE_CONNECTIONS'],
    [{ DATABASE_URL: 'postgres://h/d', STORE_MEGABYTES: '100' }, 'STORE_MEGABYTES'],
    [{ STORE_MEGABYTES: '0' }, 'STORE_MEGABYTES'],
    [{ DATABASE_URL: 'postgres://h/d', BUS_URL: 'redis://x' }, 'BUS_URL'],
    [{ DATABASE_URL: 'postgres://h/d', BUS_URL: 'postgres://x' }, 'BUS_URL'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'sqlite:' }, 'DATABASE_URL'],
    [{ BUS_URL: 'nats://x' }, 'BUS_URL'],
    [{ PUBLIC_URL: 'council.example' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://council.example/path' }, 'PUBLIC_URL'],
    [{ CONNECT_ORIGINS: 'wss://x' }, 'CONNECT_ORIGINS'],
    [{ ADMISSION: 'oidc' }, 'ADMISSION'],
    [{ TLS_CERT: 'a.pem' }, 'TLS_CERT'],
    [{ GRAVEYARD_DAYS: '-1' }, 'GRAVEYARD_DAYS'],
    [{ TRUST_PROXY: 'true' }, 'TRUST_PROXY'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ OPEN_ROOMS: 'closed' }, 'OPEN_ROOMS'],
    [{ OPEN_ROOMS_SECRET: 'too short' }, 'OPEN_ROOMS_SECRET'],
    [{ OPEN_ORIGINS: 'notes.example' }, 'OPEN_ORIGINS'],
    [{ ROOM_MEGABYTES: '0' }, 'ROOM_MEGABYTES'],
    [{ METRICS: 'yes' }, 'METRICS']
  ])('%o is refused by name in one line', (env, name) => {
    const line = refusal(env)
    expect(line).toContain(name)
    expect(line).not.toContain('\n')
  })

  test('an unknown flag is refused', () => {
    expect(refusal({}, ['--prot', '80'])).toContain('--prot')
  })
})
