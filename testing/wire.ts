import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** One end of a simulated WebSocket: whole binary messages, in order, until it closes; then nothing, once told. */
export interface WireEnd {
  send(bytes: Uint8Array): void
  close(code: number, reason: string): void
  /** Bytes sent and not yet arrived. */
  buffered(): number
  readonly hear: {
    message(bytes: Uint8Array): void
    closed(code: number, reason: string): void
    /** Everything sent has arrived. */
    drained(): void
  }
}

export interface Wire {
  readonly device: WireEnd
  readonly relay: WireEnd
  /** The network or one side dies: what is in flight is lost, each side hears of it later. */
  cut(): void
  /** Half-open: nothing arrives any more, and nobody is told. */
  hang(): void
  readonly open: () => boolean
}

export interface WireWeather {
  /** Milliseconds one way. */
  readonly delayMs: { readonly from: number; readonly to: number }
  /** Chance that a message is the one the connection dies with, before it arrives. */
  readonly cutChance: number
  /** Chance that a message arrives twice: middle boxes do not do it, a repeated request does. */
  readonly repeatChance: number
}

export type Direction = 'up' | 'down'

/** 1006 is what both sides hear when nobody said goodbye (RFC 6455 section 7.1.5). */
const ABNORMAL = 1006

export const createWire = (options: {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather: () => WireWeather
  readonly name: string
  /** How much the line carries; large messages take their time and hold up what follows. */
  readonly bytesPerMs?: number
  /** Sees each message as it is sent. */
  readonly tap?: (direction: Direction, bytes: Uint8Array) => void
}): Wire => {
  const { scheduler, random, weather, name } = options
  let open = true
  let hanging = false
  const told = { up: false, down: false }

  const delay = (): number => random.between(weather().delayMs.from, weather().delayMs.to)

  const createEnd = (direction: Direction, arrive: () => WireEnd): WireEnd => {
    const self = (): WireEnd => (direction === 'up' ? device : relay)
    let lastArrival = 0
    let buffered = 0
    const at = (bytes: number): number => {
      const carried = bytes / (options.bytesPerMs ?? Number.POSITIVE_INFINITY)
      lastArrival = Math.max(lastArrival, scheduler.now() + delay()) + carried
      return lastArrival - scheduler.now()
    }
    const deliver = (bytes: Uint8Array): void => {
      if (hanging) return
      buffered -= bytes.byteLength
      if (open && !told[direction]) arrive().hear.message(bytes)
      if (open && buffered === 0) self().hear.drained()
    }
    return {
      hear: { message: () => undefined, closed: () => undefined, drained: () => undefined },
      buffered: () => buffered,
      send: (bytes) => {
        if (!open) return
        const copy = bytes.slice()
        options.tap?.(direction, copy)
        if (random.chance(weather().cutChance)) {
          scheduler.note(`${name} ${direction} cut with ${copy[0]}`)
          cut()
          return
        }
        const times = random.chance(weather().repeatChance) ? 2 : 1
        for (let i = 0; i < times; i++) {
          buffered += copy.byteLength
          scheduler.after(at(copy.byteLength), '', () => deliver(copy.slice()))
        }
      },
      close: (code, reason) => {
        if (!open) return
        // What was sent before goes out first; nothing more comes in on this side.
        told[direction === 'up' ? 'down' : 'up'] = true
        scheduler.after(at(0), '', () => {
          if (!open || hanging) return
          open = false
          arrive().hear.closed(code, reason)
        })
      }
    }
  }

  const cut = (): void => {
    if (!open) return
    open = false
    for (const end of [device, relay]) scheduler.after(delay(), '', () => end.hear.closed(ABNORMAL, ''))
  }

  const device: WireEnd = createEnd('up', () => relay)
  const relay: WireEnd = createEnd('down', () => device)
  const hang = (): void => {
    hanging = true
  }
  return { device, relay, cut, hang, open: () => open }
}
