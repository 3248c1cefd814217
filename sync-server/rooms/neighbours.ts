import { decodeRelayMessage, encodeRelayMessage, isOwnMessage } from '#server/protocol/relay-messages.ts'
import type { Bus } from './ports.ts'
import type { Clock } from './relay-ports.ts'

/** Which other relays of the store are alive: what a relay brought over the bus (people, listeners) lives as long as its lease. */
export interface Neighbours {
  /** 8 bytes that tell this relay's messages from others'. */
  readonly origin: Uint8Array
  /** A message of that relay came. @returns whether it counts: one that said it leaves is not listened to any more. */
  heard(origin: string): boolean
  /** Once a second while this relay has anybody. */
  tick(now: number): void
  /** This relay leaves in order. */
  leave(): void
  close(): void
}

export interface NeighboursOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly origin: Uint8Array
  readonly topic: string
  /** Its lease has run out, or it left. */
  readonly onGone: (origin: string) => void
  /** This relay itself was away for so long that the others hold it for dead: it says anew who is with it. */
  readonly onReturn: () => void
}

export const ALIVE_EVERY_MS = 15_000
export const LEASE_MS = 45_000
/** Ticks come once a second: where one is so late the machine stood still, and nobody else's silence says anything. */
const STOOD_STILL_MS = 5_000
/** A message of a relay that left may still be under way. */
const REMEMBER_LEFT_MS = 60_000

export const createNeighbours = (options: NeighboursOptions): Neighbours => {
  const { bus, clock, origin, topic, onGone, onReturn } = options
  const heardAt = new Map<string, number>()
  const leftAt = new Map<string, number>()
  let tickedAt = clock.now()
  let saidAt = Number.NEGATIVE_INFINITY

  const gone = (key: string): void => {
    if (heardAt.delete(key)) onGone(key)
  }

  const heard = (key: string): boolean => {
    if (leftAt.has(key)) return false
    heardAt.set(key, clock.now())
    return true
  }

  const stop = bus.subscribe(topic, (bytes) => {
    if (isOwnMessage(origin, bytes)) return
    const received = decodeRelayMessage(bytes)
    if (!received.ok) return
    const { origin: from, message } = received.value
    if (message.kind === 'alive') heard(from)
    if (message.kind !== 'left') return
    leftAt.set(from, clock.now())
    gone(from)
  })

  const say = (kind: 'alive' | 'left'): void => bus.publish(topic, encodeRelayMessage(origin, { kind }))

  return {
    origin,
    heard,
    tick(now) {
      const late = now - tickedAt
      tickedAt = now
      if (late > STOOD_STILL_MS) for (const [key, at] of heardAt) heardAt.set(key, at + late)
      if (now - saidAt >= ALIVE_EVERY_MS) {
        const wasAway = Number.isFinite(saidAt) && now - saidAt > LEASE_MS - ALIVE_EVERY_MS
        saidAt = now
        say('alive')
        if (wasAway) onReturn()
      }
      for (const [key, at] of heardAt) if (now - at > LEASE_MS) gone(key)
      for (const [key, at] of leftAt) if (now - at > REMEMBER_LEFT_MS) leftAt.delete(key)
    },
    leave: () => say('left'),
    close: stop
  }
}
