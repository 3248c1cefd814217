import type { Bus } from '#server/rooms/ports.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'
import type { Count } from './world/counts.ts'

/** How bad the bus is. Messages that are late differently pass each other on the way. */
export interface BusWeather {
  readonly delayMs: { readonly from: number; readonly to: number }
  readonly loseChance: number
  readonly doubleChance: number
}

export const CALM_BUS: BusWeather = { delayMs: { from: 1, to: 5 }, loseChance: 0, doubleChance: 0 }

/** One relay's end of it. */
export interface BusEnd extends Bus {
  /** Nothing comes or goes until `heal`. */
  cut(): void
  heal(): void
}

/** Between simulated relays: loses, doubles, delays and reorders, on the world's time. */
export interface BusNetwork {
  /** @param hears false: as a bus that never says that it hears anybody */
  join(options?: { readonly hears?: boolean }): BusEnd
  /** Messages that were sent, by all. */
  sent(): number
}

export const createBusNetwork = (options: {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly weather?: () => BusWeather
  readonly count?: Count
}): BusNetwork => {
  const { scheduler, random, weather = () => CALM_BUS, count = () => undefined } = options
  const ends = new Set<(topic: string, message: Uint8Array) => void>()
  let sent = 0

  const carry = (hear: (topic: string, message: Uint8Array) => void, topic: string, message: Uint8Array): void => {
    const { delayMs, loseChance, doubleChance } = weather()
    if (random.chance(loseChance)) {
      count('bus lost a message')
      return
    }
    const copies = random.chance(doubleChance) ? 2 : 1
    if (copies === 2) count('bus doubled a message')
    for (let copy = 0; copy < copies; copy++) {
      scheduler.after(random.between(delayMs.from, delayMs.to), '', () => hear(topic, message))
    }
  }

  return {
    sent: () => sent,
    join({ hears = true } = {}) {
      const listeners = new Map<string, Set<(message: Uint8Array) => void>>()
      const gaps = new Set<() => void>()
      let isCut = false
      const hear = (topic: string, message: Uint8Array): void => {
        if (isCut) return
        for (const listener of [...(listeners.get(topic) ?? [])]) listener(message)
      }
      ends.add(hear)
      return {
        publish(topic, message) {
          if (isCut) return
          sent++
          for (const each of ends) carry(each, topic, message)
        },
        subscribe(topic, onMessage) {
          const known = listeners.get(topic) ?? new Set()
          known.add(onMessage)
          listeners.set(topic, known)
          return () => {
            known.delete(onMessage)
            if (known.size === 0) listeners.delete(topic)
          }
        },
        hears: () => hears && !isCut,
        onGap(run) {
          gaps.add(run)
          return () => gaps.delete(run)
        },
        cut() {
          isCut = true
        },
        heal() {
          if (!isCut) return
          isCut = false
          for (const run of [...gaps]) run()
        },
        async close() {
          ends.delete(hear)
          listeners.clear()
          gaps.clear()
        }
      }
    }
  }
}
