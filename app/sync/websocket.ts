import { SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import type { Socket, SocketEvents } from './ports.ts'

/** What is used of a WebSocket: the browser's and ws' are alike here. */
export interface WebSocketLike {
  binaryType: string
  onopen: (() => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number }) => void) | null
  readonly protocol: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number): void
}

export type OpenWebSocket = (url: string, protocols: readonly string[]) => WebSocketLike

/** RFC 6455 section 7.1.5: no close frame was received. */
const ABNORMAL = 1006

export const createWebSocketDial =
  (open: OpenWebSocket) =>
  (url: string, on: SocketEvents): Socket => {
    const socket = open(url, SEALED_SUBPROTOCOLS)
    let over = false
    const end = (code: number): void => {
      if (over) return
      over = true
      on.closed(code)
    }
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      if (!over) on.opened()
    }
    socket.onmessage = ({ data }) => {
      if (over) return
      // Text is not of this protocol: an empty frame is refused as malformed by whoever decodes it.
      on.frame(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
    }
    socket.onclose = ({ code }) => end(code === 0 ? ABNORMAL : code)
    return {
      send: (frame) => {
        if (!over) socket.send(frame as Uint8Array<ArrayBuffer>)
      },
      close: () => {
        over = true
        socket.close(1000)
      }
    }
  }
