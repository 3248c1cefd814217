import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { makeCertificate } from '#server/cli/certificate.ts'
import { temporaryFolder } from '#testing/wire/relay-process.ts'
import { messagesOf, startRig } from './web-socket-rig.fixture.ts'

const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 7) ^ (i >> 9))

test('[WS3] [WS15] [WS19] [WS20] over TLS it is all the same', async () => {
  await using folder = await temporaryFolder()
  const made = makeCertificate(folder.path, ['localhost'])
  if (!made.ok) throw new Error(made.error)
  const [cert, key] = [readFileSync(made.value.certificate), readFileSync(made.value.key)]
  await using rig = await startRig({}, createServer({ cert, key }) as unknown as Server)
  rig.onMessage = ({ port }, message) => {
    port.sendPrepared({ bytes: message })
    port.send(message)
  }
  const dial = () => new WebSocket(`wss://127.0.0.1:${rig.port}/y/a`, { rejectUnauthorized: false })

  // One that never finishes its TLS handshake, and one that went through it: only the first is broken off.
  const silent = connect(rig.port, '127.0.0.1')
  const broken = new Promise((done) =>
    silent
      .on('error', () => {})
      .on('close', done)
      .resume()
  )
  const socket = dial()
  const next = messagesOf(socket)
  await once(socket, 'open')
  rig.pass(11)
  await broken
  for (const size of [0, 200, 70_000, 20_000_000]) {
    socket.send(bytes(size))
    for (const _ of ['prepared', 'own']) expect(Buffer.compare(await next(), bytes(size))).toBe(0)
  }
  rig.seen[0]?.port.close(4503)
  expect((await once(socket, 'close'))[0]).toBe(4503)
  await rig.seen[0]?.ended
  const gone = dial()
  await once(gone, 'open')
  gone.terminate()
  await rig.seen[1]?.ended
  expect(rig.seen.map(({ closed }) => closed)).toEqual([1, 1])
})
