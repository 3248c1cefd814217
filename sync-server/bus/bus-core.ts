import { BUS_MESSAGE_BYTES } from '#server/rooms/ports.ts'
import { backoffMs } from './backoff.ts'
import { type BusOptions, type CountedBus, createBusCounters } from './bus-parts.ts'
import { createGaps } from './gaps.ts'
import { createListeners } from './listeners.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { TOPIC_BYTES, topicToBytes } from './topic-bytes.ts'

/** What is left to the connection once it has been asked to end. */
const CLOSE_MS = 1_000

/** What buses over a broker have in common: everything but the connection. */
export interface BusCore {
  /** The port, but for its end. */
  readonly face: Omit<CountedBus, 'close'>
  /** Messages that wait; the connection opens and shuts it. */
  readonly outbox: Outbox
  topics(): IterableIterator<string>
  /** A message of another relay. */
  heard(topic: string, message: Uint8Array): void
  /** Messages may have been missed. */
  missed(): void
  connected(): void
  /** Other relays' messages come through (again). */
  there(): void
  /** They do not. Only the first reason of an outage is told. */
  away(reason: string): void
  isClosed(): boolean
  /** Milliseconds until the next try. */
  backoff(): number
  /** Ends what is said and heard, and waits a moment for what was published before. @param end ends the connection in order */
  close(end: () => Promise<unknown>): Promise<void>
}

/** @param onUse told when the first listener of a topic came or the last one went. */
export const createBusCore = (
  { report = () => {}, random = Math.random }: BusOptions,
  onUse?: (topic: string, isUsed: boolean) => void
): BusCore => {
  const counters = createBusCounters()
  const listeners = createListeners(report, onUse)
  const gaps = createGaps(counters, report)
  const outbox = createOutbox(counters)
  let state: 'starting' | 'hears' | 'away' | 'closed' = 'starting'
  let awaySince = performance.now()
  return {
    face: {
      counters,
      publish(topic, message) {
        if (state === 'closed') return
        // No topic has fewer bytes than characters.
        const isTooLarge =
          message.byteLength > BUS_MESSAGE_BYTES ||
          topic.length > TOPIC_BYTES ||
          topicToBytes(topic).byteLength > TOPIC_BYTES
        if (isTooLarge) counters.dropped++
        else outbox.add(topic, message)
      },
      subscribe: (topic, onMessage) => (state === 'closed' ? () => {} : listeners.add(topic, onMessage)),
      hears: () => state === 'hears',
      onGap: gaps.onGap
    },
    outbox,
    topics: listeners.topics,
    heard(topic, message) {
      if (listeners.tell(topic, message)) counters.received++
    },
    missed: gaps.tell,
    connected() {
      counters.connections++
    },
    there() {
      if (state === 'closed' || state === 'hears') return
      state = 'hears'
      report({ kind: 'there' })
      gaps.tell()
    },
    away(reason) {
      if (state === 'hears') awaySince = performance.now()
      if (state === 'closed' || state === 'away') return
      state = 'away'
      report({ kind: 'away', reason })
    },
    isClosed: () => state === 'closed',
    backoff: () => backoffMs(performance.now() - awaySince, random()),
    async close(end) {
      if (state === 'closed') return
      state = 'closed'
      gaps.close()
      listeners.clear()
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<void>((done) => {
        timer = setTimeout(done, CLOSE_MS)
      })
      const ended = outbox.idle().then(end)
      await Promise.race([ended, enough]).catch(() => {})
      clearTimeout(timer)
      outbox.shut()
    }
  }
}
