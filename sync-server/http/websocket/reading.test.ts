import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { createReading } from './reading.ts'

test('[WS3] what a socket has queued comes first and what follows as it comes; its end is told', async () => {
  const came: string[] = []
  const read = createReading<Duplex>((chunk) => came.push(Buffer.from(chunk).toString()))
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  socket.push('a')
  socket.push('b')
  read(socket)
  expect(came.join('')).toBe('ab')
  expect(socket.push(Buffer.from('c'))).toBe(true)
  expect(came.join('')).toBe('abc')
  const ended = once(socket, 'end')
  // As Node's sockets do at the end of their line.
  socket.push(null)
  socket.read(0)
  await ended
  expect(came.join('')).toBe('abc')
})
