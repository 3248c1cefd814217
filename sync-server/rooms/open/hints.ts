import type { RoomName } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'

/** Tells the other relays of the same store that a room has grown. Losing one costs time, never an update. */
export interface Hints {
  /** @param onHint with the seq that another relay has reached. @returns stops listening. */
  listen(name: RoomName, onHint: (seq: number) => void): () => void
  announce(name: RoomName, seq: number): void
}

const ORIGIN_BYTES = 8

const topicOf = (name: RoomName): string => `open:${encodeURIComponent(name)}`

/** @param origin 8 random bytes that tell this relay's hints from others'. */
export const createHints = (bus: Bus, origin: Uint8Array): Hints => ({
  listen: (name, onHint) =>
    bus.subscribe(topicOf(name), (message) => {
      if (message.byteLength !== ORIGIN_BYTES + 8) return
      if (origin.every((byte, index) => byte === message[index])) return
      onHint(new DataView(message.buffer, message.byteOffset).getFloat64(ORIGIN_BYTES))
    }),
  announce(name, seq) {
    const message = new Uint8Array(ORIGIN_BYTES + 8)
    message.set(origin)
    new DataView(message.buffer).setFloat64(ORIGIN_BYTES, seq)
    bus.publish(topicOf(name), message)
  }
})
