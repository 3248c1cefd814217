import { expect } from 'vitest'
import type { Bus } from './ports.ts'

/** What a suite sees of a bus: the port, and what all buses tell of themselves. */
export interface TestedBus extends Bus {
  readonly counters: {
    readonly sent: number
    readonly received: number
    readonly dropped: number
    readonly gaps: number
  }
}

export interface Broker {
  /** Without a word. */
  kill(): Promise<void>
  /** After `kill`: empty. @param password in place of the one before */
  start(password?: string): Promise<void>
  /** Alive to the kernel, dead to everybody else. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** Connections of buses at this moment. */
  connections(): Promise<number>
  /** What the broker keeps for those that listen; undefined where that does not depend on the topics. */
  subscriptions(): Promise<number | undefined>
}

export interface BusPlace {
  /** The bus of one more relay; ended with the place. `news` collects what it reports. */
  open(options?: {
    readonly news?: { readonly kind: string; readonly reason?: string }[]
    readonly isWrong?: boolean
  }): TestedBus
  /** undefined where the bus is this process, which all relays then share. */
  readonly broker?: Broker
}

const PATIENCE = { timeout: 20_000, interval: 20 }

export const until = (condition: () => unknown): Promise<void> =>
  expect.poll(async () => Boolean(await condition()), PATIENCE).toBe(true)

/** Until both hear the other; at once where they are one. */
export const connected = async (place: BusPlace, ...buses: readonly Bus[]): Promise<void> => {
  if (place.broker !== undefined) await until(() => buses.every((bus) => bus.hears()))
}

export const text = (message: Uint8Array): string => new TextDecoder().decode(message)
export const bytes = (message: string): Uint8Array => new TextEncoder().encode(message)

/** Collects what a bus hears of a topic, as text. */
export const heard = (bus: Bus, topic: string): string[] => {
  const messages: string[] = []
  bus.subscribe(topic, (message) => {
    if (!text(message).startsWith('try ')) messages.push(text(message))
  })
  return messages
}

/**
 * Publishes until the last that was published is heard: whoever began to listen a moment ago is not known to the broker yet.
 * Afterwards nothing of this is under way, and the topic stays known.
 */
export const reaches = async (from: Bus, to: Bus, topic: string): Promise<void> => {
  let sent = 0
  let last = 0
  to.subscribe(topic, (message) => {
    const [, number] = /^try (\d+)$/.exec(text(message)) ?? []
    if (number !== undefined) last = Number(number)
  })
  await until(() => {
    if (sent > 0 && last === sent) return true
    from.publish(topic, bytes(`try ${++sent}`))
    return last === sent
  })
}
