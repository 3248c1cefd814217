import { once } from 'node:events'
import { WebSocket } from 'ws'
import { SEALED_SUBPROTOCOLS } from '#core/close-codes.ts'
import { wireEntry, wireRoot, wireShard } from '#testing/wire/root.ts'
import { createWire, type Wire } from '#testing/wire/wire.ts'

/** Writers that keep one durable push in flight each: the load of devices that wait for "saved". */

export interface Writer {
  /** One entry, from send to ACK. @returns ms. */
  push(): Promise<number>
  close(): void
}

const connect = async (host: string): Promise<Wire> => {
  const socket = new WebSocket(`ws://${host}/sealed`, [...SEALED_SUBPROTOCOLS])
  socket.binaryType = 'nodebuffer'
  const wire = createWire({ send: (bytes) => socket.send(bytes), close: () => socket.close() })
  socket.on('message', (data: Buffer) => wire.received(new Uint8Array(data)))
  socket.on('close', (code) => wire.ended(code))
  await once(socket, 'open')
  return wire
}

/** @param bytes size of a sealed journal line, ciphertext and tag. */
export const createWriter = async (host: string, name: string, bytes: number): Promise<Writer> => {
  const wire = await connect(host)
  await wire.enter(wireRoot(name), host)
  const shard = wireShard(1)
  let ref = 0
  return {
    push: async () => {
      const start = performance.now()
      for (;;) {
        wire.push(shard, [wireEntry('', { size: bytes })], ++ref)
        const frame = await wire.next()
        if (frame.type === 'ack') return performance.now() - start
        // A pause is the relay's right; the wait counts as part of the acknowledgement.
        if (frame.type === 'nack' && frame.retryAfterMs > 0)
          await new Promise((done) => setTimeout(done, frame.retryAfterMs))
        else if (frame.type !== 'pause') throw new Error(`unexpected ${JSON.stringify(frame)}`)
      }
    },
    close: () => wire.close()
  }
}
