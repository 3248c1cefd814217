import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { messagesOf, startRig } from './web-socket-rig.fixture.ts'

const READERS = 40
const DOCUMENT_BYTES = 20_000_000

test(`[WS15] ${READERS} slow readers of 20 MB share its bytes, and get them`, async () => {
  await using rig = await startRig()
  const document: Prepared = { bytes: new Uint8Array(DOCUMENT_BYTES).map((_, i) => (i * 7) ^ (i >> 11)) }
  const slow = await Promise.all(Array.from({ length: READERS }, (_, i) => rig.raw(`/y/${i}`)))
  for (const socket of slow) socket.pause()
  const before = process.memoryUsage().arrayBuffers
  for (const { port } of rig.seen) port.sendPrepared(document)
  // As long as anything moves: the system's own buffers fill.
  for (let i = 0; i < 300; i++) await setImmediate()
  for (const { port } of rig.seen) expect(port.send(new Uint8Array(3))).toBeLessThan(200_000)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(DOCUMENT_BYTES / 2)
  expect(rig.seen.map(({ drained }) => drained)).not.toContain(2)
  for (const socket of slow) socket.destroy()

  const reader = rig.dial('/y/reader')
  const next = messagesOf(reader)
  const { port } = await rig.arrived(READERS + 1)
  port.sendPrepared(document)
  port.send(new Uint8Array(3))
  expect(Buffer.compare(await next(), document.bytes)).toBe(0)
  expect(await next()).toHaveLength(3)
  reader.terminate()
})
