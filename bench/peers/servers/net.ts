import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/**
 * The limit of Node's own sockets: messages go to the others of the same path unread, framed once, all that arrived within
 * one turn of the event loop in one write a socket. Frames that clients send are masked: that is undone, nothing else.
 */

interface Peer {
  readonly socket: Socket
  readonly room: Room
  rest: Buffer
}
interface Room {
  readonly peers: Set<Peer>
  readonly frames: { readonly from: Peer; readonly frame: Buffer }[]
}

const rooms = new Map<string, Room>()
const dirty = new Set<Room>()

const flush = (): void => {
  for (const room of dirty) {
    const senders = new Set(room.frames.map(({ from }) => from))
    const all = Buffer.concat(room.frames.map(({ frame }) => frame))
    for (const peer of room.peers) {
      if (!senders.has(peer)) peer.socket.write(all)
      else {
        const others = room.frames.filter(({ from }) => from !== peer).map(({ frame }) => frame)
        if (others.length > 0) peer.socket.write(Buffer.concat(others))
      }
    }
    room.frames.length = 0
  }
  dirty.clear()
}

const header = (size: number): Buffer => {
  if (size < 126) return Buffer.of(0x82, size)
  const long = Buffer.alloc(size < 65_536 ? 4 : 10)
  long[0] = 0x82
  long[1] = size < 65_536 ? 126 : 127
  if (size < 65_536) long.writeUInt16BE(size, 2)
  else long.writeBigUInt64BE(BigInt(size), 2)
  return long
}

/** @returns bytes used; 0 while the frame is not whole. */
const takeFrame = (peer: Peer, bytes: Buffer): number => {
  if (bytes.length < 14) return 0
  const short = (bytes[1] as number) & 127
  const at = short < 126 ? 2 : short === 126 ? 4 : 10
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const end = at + 4 + size
  if (bytes.length < end) return 0
  if (((bytes[0] as number) & 15) === 8) {
    peer.socket.end()
    return end
  }
  const payload = Buffer.allocUnsafe(size)
  for (let i = 0; i < size; i++) payload[i] = (bytes[at + 4 + i] as number) ^ (bytes[at + (i & 3)] as number)
  peer.room.frames.push({ from: peer, frame: Buffer.concat([header(size), payload]) })
  if (dirty.size === 0) setImmediate(flush)
  dirty.add(peer.room)
  return end
}

const server = createServer((_request, response) => response.end())
server.on('upgrade', (request, raw) => {
  const socket = raw as Socket
  const name = request.url ?? '/'
  const room: Room = rooms.get(name) ?? { peers: new Set(), frames: [] }
  rooms.set(name, room)
  const peer: Peer = { socket, room, rest: Buffer.alloc(0) }
  room.peers.add(peer)
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  socket.setNoDelay(true)
  socket.write(`${lines.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
  socket.on('data', (chunk: Buffer) => {
    let bytes = peer.rest.length === 0 ? chunk : Buffer.concat([peer.rest, chunk])
    for (let used = takeFrame(peer, bytes); used > 0; used = takeFrame(peer, bytes)) bytes = bytes.subarray(used)
    peer.rest = bytes
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    room.peers.delete(peer)
    if (room.peers.size === 0) rooms.delete(name)
  })
})
server.listen(0, '127.0.0.1', 4_096, () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`))
