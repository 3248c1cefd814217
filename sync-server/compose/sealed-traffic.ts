import type { SealedReadings } from '#server/ops/metrics.ts'
import type { ConnectionHandle, Relay, SocketPort } from '#server/rooms/relay-ports.ts'

/** Counts what passes between sealed sockets and the relay, which itself knows nothing of it. */

type Counts = { -readonly [Name in keyof SealedReadings]: SealedReadings[Name] }

export const countSealedTraffic = (relay: Relay): { readonly relay: Relay; readonly counts: SealedReadings } => {
  const counts: Counts = { connections: 0, framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 }

  const connect = (socket: SocketPort, address: string): ConnectionHandle => {
    let isOpen = true
    const end = (): void => {
      if (!isOpen) return
      isOpen = false
      counts.connections--
    }
    counts.connections++
    const handle = relay.connect(
      {
        send(bytes) {
          counts.framesOut++
          counts.bytesOut += bytes.byteLength
          return socket.send(bytes)
        },
        sendPrepared(message) {
          counts.framesOut++
          counts.bytesOut += message.bytes.byteLength
          return socket.sendPrepared === undefined ? socket.send(message.bytes) : socket.sendPrepared(message)
        },
        close(code) {
          end()
          socket.close(code)
        }
      },
      address
    )
    return {
      message(bytes) {
        counts.framesIn++
        counts.bytesIn += bytes.byteLength
        handle.message(bytes)
      },
      drained: handle.drained,
      closed() {
        end()
        handle.closed()
      }
    }
  }
  return { relay: { ...relay, connect }, counts }
}
