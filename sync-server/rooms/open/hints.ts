import type { RoomName } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'

/** Tells the other relays of the same store that a room has grown. Losing a hint costs time, never an update. */
export type Hints = (name: RoomName, onHint: (seq: number) => void) => Line

export interface Line {
  announce(seq: number): void
  close(): void
}

const ORIGIN_BYTES = 8
const HINT_BYTES = ORIGIN_BYTES + 8

/** @param origin 8 random bytes that tell this relay's hints from others'. */
export const createHints =
  (bus: Bus, origin: Uint8Array): Hints =>
  (name, onHint) => {
    const topic = `open:${encodeURIComponent(name)}`
    const isOwn = (message: Uint8Array): boolean => {
      for (let i = 0; i < ORIGIN_BYTES; i++) if (message[i] !== origin[i]) return false
      return true
    }
    const stop = bus.subscribe(topic, (message) => {
      if (message.byteLength !== HINT_BYTES || isOwn(message)) return
      onHint(new DataView(message.buffer, message.byteOffset).getFloat64(ORIGIN_BYTES))
    })
    return {
      announce(seq) {
        const message = new Uint8Array(HINT_BYTES)
        message.set(origin)
        new DataView(message.buffer).setFloat64(ORIGIN_BYTES, seq)
        bus.publish(topic, message)
      },
      close: stop
    }
  }
