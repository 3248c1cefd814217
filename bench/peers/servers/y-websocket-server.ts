import { createServer, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/** @y/websocket-server as its own server.js runs it, but on a port the system chose. YPERSISTENCE turns leveldb on. */

const peers = createRequire(join(process.env.BENCH_PEERS as string, 'package.json'))
const root = dirname(peers.resolve('@y/websocket-server/package.json'))
const { setupWSConnection } = (await import(pathToFileURL(join(root, 'src/utils.js')).href)) as {
  readonly setupWSConnection: (socket: object, request: IncomingMessage) => void
}
const { WebSocketServer } = peers('ws') as typeof import('ws')
const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', setupWSConnection)
const server = createServer((_request, response) => response.end('okay'))
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (peer) => sockets.emit('connection', peer, request))
})
process.on('SIGTERM', () => process.exit(0))
server.listen(0, '127.0.0.1', 4_096, () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`))
