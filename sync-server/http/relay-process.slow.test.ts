import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLOSE } from '#core/close-codes.ts'
import { type RelayProcess, startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'

const root = wireRoot('http')
const shard = wireShard(1)

describe('the relay as a process', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let relay: RelayProcess

  beforeAll(async () => {
    folder = await temporaryFolder()
    const app = join(folder.path, 'app')
    await mkdir(join(app, 'assets'), { recursive: true })
    await writeFile(join(app, 'index.html'), `<!doctype html><title>app</title>${'<p>breathe</p>'.repeat(50)}`)
    await writeFile(join(app, 'assets', 'main-abc123.js'), 'console.log("in")\n'.repeat(50))
    await writeFile(join(folder.path, 'secret.txt'), 'secret')
    const env = { APP_DIR: app, CONNECT_ORIGINS: 'https://second.example' }
    relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db'), env })
  })
  afterAll(async () => {
    await relay.kill()
    await folder[Symbol.asyncDispose]()
  })

  const closeCodeOf = async (protocols: string[]): Promise<number> => {
    const socket = new WebSocket(`${relay.origin.replace('http', 'ws')}/sealed`, protocols)
    const [code] = await once(socket, 'close')
    return code
  }

  test('[RL39] another subprotocol is closed with 4426, a foreign page refused at the handshake', async () => {
    expect(await closeCodeOf(['council.sealed.99'])).toBe(CLOSE.version)
    expect(await closeCodeOf([])).toBe(CLOSE.version)
    await expect(relay.dial({ origin: 'https://evil.example' })).rejects.toThrow('403')
    const own = await relay.dial({ origin: relay.origin })
    own.close()
    const second = await relay.dial({ origin: 'https://second.example' })
    second.close()
  })

  test('pushes and pulls over a real socket', async () => {
    const [a, b] = [await relay.dial(), await relay.dial()]
    await a.enter(root, relay.host)
    await b.enter(root, relay.host)
    const entry = wireEntry()
    b.pull(shard)
    await b.expect('head')
    a.push(shard, [entry])
    expect((await a.expect('ack')).seqs).toEqual([1])
    expect((await b.expect('entries')).items).toEqual([{ kind: 'entry', bytes: entry }])
    await expect(b.enter(root, 'other.example', 1)).rejects.toThrow('host')
    a.close()
    b.close()
  })

  test('text, and a frame above the bound, close the socket', async () => {
    const text = new WebSocket(`${relay.origin.replace('http', 'ws')}/sealed`, ['council.sealed.1'])
    await once(text, 'open')
    text.send('hello')
    expect((await once(text, 'close'))[0]).toBe(CLOSE.malformed)
    const wire = await relay.dial()
    wire.sendRaw(new Uint8Array(1_000_001))
    expect(await wire.closed).toBe(1009)
  })

  test('serves the app with its headers, deep links too, and nothing beside it', async () => {
    const page = await fetch(`${relay.origin}/`, { headers: { 'accept-encoding': 'gzip' } })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-encoding')).toBe('gzip')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self' https://second.example wss://second.example")
    expect(policy).toContain("require-trusted-types-for 'script'; trusted-types council")
    expect(page.headers.get('strict-transport-security')).toBeNull()
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await page.text()).toContain('<title>app</title>')
    const deep = await fetch(`${relay.origin}/journal/2026-11-21`)
    expect(await deep.text()).toContain('<title>app</title>')
    const script = await fetch(`${relay.origin}/assets/main-abc123.js`)
    expect(script.headers.get('cache-control')).toContain('immutable')
    const again = await fetch(`${relay.origin}/`, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
    for (const path of ['/assets/gone.js', '/missing.png', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/%']) {
      const answer = await fetch(`${relay.origin}${path}`)
      expect(await answer.text()).not.toContain('secret')
      expect(answer.status).toBeGreaterThanOrEqual(400)
    }
  })

  test('answers what a host’s tools ask', async () => {
    expect(await (await fetch(`${relay.origin}/healthz`)).text()).toBe('ok\n')
    expect(await (await fetch(`${relay.origin}/readyz`)).text()).toBe('ready\n')
    expect(await (await fetch(`${relay.origin}/metrics`)).text()).toContain('council_commit_seconds_bucket')
  })

  test('says at start where a browser can keep data', () => {
    expect(relay.output()).toMatch(/http:\/\/localhost:\d+ {2}a browser there can keep data and sync/)
  })
})

describe('starting and stopping', () => {
  const refusalOf = async (env: Record<string, string>, databasePath = '/nonexistent/never.db'): Promise<string> => {
    try {
      await (await startRelayProcess({ databasePath, env })).kill()
      return 'it started'
    } catch (cause) {
      return String(cause)
    }
  }

  test('a second relay on the same store, a port in use, a bad store and a bad certificate are one line each', async () => {
    await using folder = await temporaryFolder()
    const databasePath = join(folder.path, 'council.db')
    const relay = await startRelayProcess({ databasePath })
    expect(await refusalOf({}, databasePath)).toMatch(/ended with 2: sacred-council: .*in use by another relay\n$/)
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const elsewhere = join(folder.path, 'other.db')
    expect(await refusalOf({ PORT: String(port) }, elsewhere)).toMatch(
      /ended with 2: sacred-council: port \d+ on 127.0.0.1 is in use\n$/
    )
    taken.close()
    // Nothing is wrong with the setting: whoever watches over it may start it again.
    const away = `postgres://me:word@127.0.0.1:${port}/council`
    expect(await refusalOf({ DATABASE_URL: away })).toMatch(
      /ended with 1: sacred-council: DATABASE_URL: cannot reach the database at 127.0.0.1:\d+[^\n]*\n$/
    )
    const junk = join(folder.path, 'junk.db')
    await writeFile(junk, 'this is not a database, but a shopping list'.repeat(100))
    expect(await refusalOf({}, junk)).toMatch(/ended with 2: sacred-council: .*is not a database of this relay\n$/)
    const tls = { TLS_CERT: join(folder.path, 'no.pem'), TLS_KEY: join(folder.path, 'no.pem') }
    expect(await refusalOf(tls, elsewhere)).toMatch(
      /ended with 2: sacred-council: TLS_CERT or TLS_KEY cannot be read.*\n$/
    )
    expect(await relay.stop()).toBe(0)
  })

  test('SIGTERM says GOAWAY, keeps what was pushed, and ends with 0', async () => {
    await using folder = await temporaryFolder()
    const databasePath = join(folder.path, 'council.db')
    const relay = await startRelayProcess({ databasePath })
    const wire = await relay.dial()
    await wire.enter(root, relay.host)
    wire.push(shard, [wireEntry()])
    await wire.expect('ack')
    const ended = relay.stop()
    await wire.expect('goaway')
    expect(await wire.closed).toBe(CLOSE.goingAway)
    expect(await ended).toBe(0)
  })
})
