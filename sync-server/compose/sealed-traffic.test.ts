import { expect, test } from 'vitest'
import type { ConnectionHandle, Relay, SocketPort } from '#server/rooms/relay-ports.ts'
import { countSealedTraffic } from './sealed-traffic.ts'

/** A relay that hands out its side of each socket. */
const holdSockets = () => {
  const sockets: SocketPort[] = []
  const relay: Relay = {
    connect(socket): ConnectionHandle {
      sockets.push(socket)
      return { message() {}, drained() {}, closed() {} }
    },
    waiting: () => ({ bytes: 0, oldestAt: 0 }),
    drain: async () => {},
    halt() {}
  }
  return { sockets, relay }
}

test('what passes is counted, and each socket ends once', () => {
  const { sockets, relay } = holdSockets()
  const { relay: counted, counts } = countSealedTraffic(relay)
  const peer = (): SocketPort => ({ send: () => 0, close() {} })
  const first = counted.connect(peer(), 'a')
  const second = counted.connect(peer(), 'b')
  first.message(new Uint8Array(5))
  sockets[0]?.send(new Uint8Array(100))
  sockets[1]?.send(new Uint8Array(40))
  expect(counts).toEqual({ connections: 2, framesIn: 1, bytesIn: 5, framesOut: 2, bytesOut: 140 })
  // Closed by the relay, then heard of from the socket: one end.
  sockets[1]?.close(4400)
  second.closed()
  sockets[1]?.send(new Uint8Array(1))
  first.closed()
  expect(counts).toMatchObject({ connections: 0, framesOut: 3 })
})
