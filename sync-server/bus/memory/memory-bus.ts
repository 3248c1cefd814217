import { type BusOptions, type CountedBus, createBusCounters } from '#server/bus/bus-parts.ts'
import { createListeners } from '#server/bus/listeners.ts'
import { TOPIC_BYTES, topicToBytes } from '#server/bus/topic-bytes.ts'
import { BUS_MESSAGE_BYTES } from '#server/rooms/ports.ts'

/** One process, one bus: relays that share it hear each other, at once, and nothing is ever missed. There is nobody else to hear. */
export const createMemoryBus = ({ report = () => {} }: BusOptions = {}): CountedBus => {
  const counters = createBusCounters()
  const listeners = createListeners(report)
  let isClosed = false
  return {
    counters,
    publish(topic, message) {
      if (isClosed) return
      if (message.byteLength > BUS_MESSAGE_BYTES || topicToBytes(topic).byteLength > TOPIC_BYTES) {
        counters.dropped++
        return
      }
      counters.sent++
      if (listeners.tell(topic, message)) counters.received++
    },
    subscribe: (topic, onMessage) => (isClosed ? () => {} : listeners.add(topic, onMessage)),
    hears: () => false,
    onGap: () => () => {},
    async close() {
      isClosed = true
      listeners.clear()
    }
  }
}
