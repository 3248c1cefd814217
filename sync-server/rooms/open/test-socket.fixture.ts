import type { SharingSocketPort } from '#server/rooms/relay-ports.ts'

export interface TestSocket extends SharingSocketPort {
  readonly received: Uint8Array[]
  closedWith: number | undefined
  /** Takes nothing while true. */
  isStalled: boolean
  waiting: number
  onMessage: (bytes: Uint8Array) => void
  /** What was sent has been taken. */
  onTaken: () => void
}

export const createTestSocket = (): TestSocket => {
  const take = (bytes: Uint8Array): number => {
    if (socket.closedWith !== undefined) throw new Error('sent to a closed socket')
    if (socket.isStalled) {
      socket.waiting += bytes.byteLength
      held.push(bytes)
    } else {
      socket.received.push(bytes)
      socket.onMessage(bytes)
      socket.onTaken()
    }
    return socket.waiting
  }
  const held: Uint8Array[] = []
  const socket: TestSocket & { flush(): void } = {
    received: [],
    closedWith: undefined,
    isStalled: false,
    waiting: 0,
    onMessage: () => {},
    onTaken: () => {},
    send: take,
    sendPrepared: ({ bytes }) => take(bytes),
    close: (code) => {
      socket.closedWith = code
    },
    flush() {
      socket.isStalled = false
      socket.waiting = 0
      for (const bytes of held.splice(0)) {
        socket.received.push(bytes)
        socket.onMessage(bytes)
      }
    }
  }
  return socket
}

/** By type of message: what a socket got, in order. */
export const kindsOf = (socket: TestSocket): string[] =>
  socket.received.map((bytes) =>
    bytes[0] === 0
      ? (['step1', 'step2', 'update'][bytes[1] ?? 9] ?? 'unknown')
      : (['', 'awareness', 'auth'][bytes[0] ?? 9] ?? 'unknown')
  )
