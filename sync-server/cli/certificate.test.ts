import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { startRelayProcess, temporaryFolder } from '#testing/wire/relay-process.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'
import { makeCertificate } from './certificate.ts'

const made = (directory: string, hosts: readonly string[]) => {
  const result = makeCertificate(directory, hosts)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const read = (path: string) => new X509Certificate(readFileSync(path))

describe('a certificate for a relay at home', () => {
  test('is signed by an authority that stays when it is made anew, and fits the names', async () => {
    await using folder = await temporaryFolder()
    const files = made(folder.path, ['council.local', '192.168.1.20'])
    const [authority, leaf] = [read(files.authority), read(files.certificate)]
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(authority.ca && !leaf.ca).toBe(true)
    expect([leaf.checkHost('council.local'), leaf.checkIP('192.168.1.20')]).toEqual(['council.local', '192.168.1.20'])
    expect(leaf.checkHost('elsewhere.local')).toBeUndefined()
    expect(statSync(files.key).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder.path, 'authority-key.pem')).mode & 0o777).toBe(0o600)
    made(folder.path, ['other.local'])
    expect(read(files.certificate).verify(authority.publicKey)).toBe(true)
    expect(read(files.authority).fingerprint256).toBe(authority.fingerprint256)
  })

  test('no host, and what is none, is refused in one line', () => {
    expect(makeCertificate('/nonexistent', [])).toMatchObject({ ok: false })
    expect(makeCertificate('/nonexistent', ['a b'])).toMatchObject({ ok: false, error: expect.stringContaining('a b') })
  })

  test('serves a relay over TLS, and a new one is taken on SIGHUP without a restart', async () => {
    await using folder = await temporaryFolder()
    const files = made(folder.path, ['localhost'])
    const env = { TLS_CERT: files.certificate, TLS_KEY: files.key }
    const relay = await startRelayProcess({ databasePath: join(folder.path, 'council.db'), env })
    expect(relay.origin).toMatch(/^https:/)
    const ca = readFileSync(files.authority, 'utf8')
    const peer = async (): Promise<TLSSocket> => {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(new URL(relay.origin).port),
        servername: 'localhost',
        ca
      })
      await once(socket, 'secureConnect')
      return socket
    }
    const first = await peer()
    first.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    let answer = ''
    for await (const chunk of first) answer += String(chunk)
    expect(answer).toContain('strict-transport-security: max-age=31536000')
    const wire = await relay.dial()
    await wire.enter(wireRoot('tls'), relay.host)
    wire.push(wireShard(1), [wireEntry()])
    await wire.expect('ack')
    made(folder.path, ['localhost'])
    const expected = read(files.certificate).fingerprint256
    process.kill(relay.child.pid ?? 0, 'SIGHUP')
    // The signal is handled in its own time: asked until the new one is shown.
    for (let fingerprint = ''; fingerprint !== expected; ) {
      const socket = await peer()
      fingerprint = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
      socket.destroy()
    }
    wire.push(wireShard(1), [wireEntry()], 2)
    expect((await wire.expect('ack')).seqs).toEqual([2])
    expect(await relay.stop()).toBe(0)
  })
})
