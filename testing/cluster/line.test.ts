import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openLine } from './line.ts'

/** A server that says everything back, and a line to it. */
const openScene = async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      heard.push(chunk.toString())
      socket.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const line = await openLine(() => (server.address() as AddressInfo).port)
  const sockets: Socket[] = []
  return {
    heard,
    line,
    async dial() {
      const socket = connect(line.port, '127.0.0.1')
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await line[Symbol.asyncDispose]()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

const say = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text)
  return String((await once(socket, 'data'))[0])
}

test('an open line carries both ways, and ends with either end', async () => {
  await using scene = await openScene()
  const socket = await scene.dial()
  expect(await say(socket, 'hello')).toBe('hello')
  const closed = once(socket, 'close')
  socket.end()
  await closed
  while (scene.line.count() > 0) await new Promise((resolve) => setImmediate(resolve))
})

test('a silent line tells nobody, and brings what it held when it is open again', async () => {
  await using scene = await openScene()
  const socket = await scene.dial()
  await say(socket, 'before')
  scene.line.become({ kind: 'silent', way: 'there' })
  socket.write('held')
  // Another connection through the open way back proves that time has passed for both.
  const other = await scene.dial()
  other.write('also held')
  scene.line.become({ kind: 'silent', way: 'back' })
  while (scene.heard.length < 3) await new Promise((resolve) => setImmediate(resolve))
  expect(socket.bytesRead).toBe('before'.length)
  const heard = once(socket, 'data')
  scene.line.become({ kind: 'open' })
  expect(String((await heard)[0])).toBe('held')
})

test('a cut resets what is there and what comes, until it is open again', async () => {
  await using scene = await openScene()
  const socket = await scene.dial()
  await say(socket, 'before')
  const ended = once(socket, 'error')
  scene.line.become({ kind: 'cut' })
  expect((await ended)[0].code).toBe('ECONNRESET')
  const refused = connect(scene.line.port, '127.0.0.1')
  await once(refused, 'error')
  scene.line.become({ kind: 'open' })
  expect(await say(await scene.dial(), 'after')).toBe('after')
})

test('a delay keeps the order', async () => {
  await using scene = await openScene()
  const socket = await scene.dial()
  scene.line.become({ kind: 'open', delayMs: 30 })
  socket.write('slow ')
  await new Promise((resolve) => setImmediate(resolve))
  scene.line.become({ kind: 'open' })
  socket.write('quick')
  let text = ''
  while (text.length < 10) text += String((await once(socket, 'data'))[0])
  expect(text).toBe('slow quick')
})
