import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/**
 * The limit of `ws`: everything that comes goes to the others of the same path, unread. With BENCH_PREFRAMED the frame is
 * made once and written to all sockets, with ws's own framing.
 */

const rooms = new Map<string, Set<WebSocket>>()
const isPreframed = process.env.BENCH_PREFRAMED === '1'

interface Framing {
  frame(data: Buffer, options: object): readonly Buffer[]
}
const { Sender } = createRequire(import.meta.url)('ws') as { readonly Sender: Framing }
const FRAME = { fin: true, rsv1: false, opcode: 2, mask: false, readOnly: true, isBinary: true }

const sendPreframed = (socket: WebSocket, frame: Buffer): void => {
  const raw = socket as unknown as { readonly _socket: { write(bytes: Buffer): void } }
  if (socket.readyState === socket.OPEN) raw._socket.write(frame)
}

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 128_000_000 })
const server = createServer((_request, response) => response.end())
server.on('upgrade', (request, socket, head) =>
  sockets.handleUpgrade(request, socket, head, (peer) => {
    const name = request.url ?? '/'
    const room = rooms.get(name) ?? new Set()
    rooms.set(name, room.add(peer))
    peer.on('message', (data: Buffer) => {
      const frame = isPreframed ? Buffer.concat(Sender.frame(data, FRAME)) : undefined
      for (const other of room) {
        if (other === peer) continue
        if (frame === undefined) other.send(data)
        else sendPreframed(other, frame)
      }
    })
    peer.on('error', () => peer.terminate())
    peer.on('close', () => {
      room.delete(peer)
      if (room.size === 0) rooms.delete(name)
    })
  })
)
server.listen(0, '127.0.0.1', 4_096, () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`))
