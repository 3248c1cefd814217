import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What Node's sockets can carry: /stream-<bytes> is answered by one message of so many bytes, from one buffer for all. */

/** Sync, step 2, whatever follows: the client that waits for a document takes it for one. */
const HEAD = Buffer.of(0, 1)
const messages = new Map<string, Buffer>()

const messageOf = (path: string): Buffer => {
  const size = Number(/(\d+)$/.exec(path)?.[1] ?? 0)
  const known = messages.get(path)
  if (known !== undefined) return known
  const header = Buffer.alloc(10)
  header[0] = 0x82
  header[1] = 127
  header.writeBigUInt64BE(BigInt(size + HEAD.length), 2)
  const message = Buffer.concat([header, HEAD, Buffer.alloc(size)])
  messages.set(path, message)
  return message
}

const server = createServer((_request, response) => response.end())
server.on('upgrade', (request, raw) => {
  const socket = raw as Socket
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
  // Asked for by the first message, as a document is.
  socket.once('data', () => socket.write(messageOf(request.url ?? '')))
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', 4_096, () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`))
