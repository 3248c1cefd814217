import type { Dial, Socket } from '#app/sync/ports.ts'
import type { Random } from '#testing/random.ts'
import type { Scheduler } from '#testing/scheduler.ts'
import { createWire, type Direction, type Wire } from '#testing/wire.ts'
import type { RelayHost } from './relay-host.ts'
import type { Weather } from './weather.ts'

/** Between the devices and the relay. */
export interface Network {
  dialFrom(place: DialPlace): Dial
}

export interface DialPlace {
  readonly name: string
  readonly isOnline: () => boolean
  readonly bytesPerMs: number
  /** What arrives passes here: a frozen tab hears it later. */
  readonly in: <Args extends readonly unknown[]>(hear: (...args: Args) => void) => (...args: Args) => void
  readonly wired: (wire: Wire) => void
}

const HANDSHAKE_MS = 20
const ABNORMAL = 1006

export const createNetwork = (options: {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly host: RelayHost
  readonly weather: () => Weather
  readonly tap: () => (direction: Direction, bytes: Uint8Array) => void
}): Network => {
  const { scheduler, random, host, weather } = options
  let dialled = 0

  return {
    dialFrom: (place) => (_relay, on) => {
      const name = `${place.name}#${++dialled}`
      let wire: Wire | undefined
      let over = false
      const failed = place.in(() => {
        if (!over) on.closed(ABNORMAL)
        over = true
      })
      const connect = (): void => {
        if (over) return
        const made = createWire({
          scheduler,
          random,
          name,
          bytesPerMs: place.bytesPerMs,
          weather: () => weather().wire,
          tap: options.tap()
        })
        if (!place.isOnline() || !host.connect(made, place.name)) {
          failed()
          return
        }
        wire = made
        place.wired(made)
        made.device.hear.message = place.in((bytes: Uint8Array) => {
          if (!over) on.frame(bytes)
        })
        made.device.hear.closed = place.in((code: number) => {
          if (!over) on.closed(code)
          over = true
        })
        place.in(() => {
          if (!over) on.opened()
        })()
      }
      scheduler.after(HANDSHAKE_MS, '', connect)
      const socket: Socket = {
        send: (frame) => {
          if (!over) wire?.device.send(frame)
        },
        close: () => {
          over = true
          wire?.device.close(1000, '')
        }
      }
      return socket
    }
  }
}
