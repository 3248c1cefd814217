import type { Bus } from '#server/rooms/ports.ts'

/** One process, one bus: relays that share it hear each other. */
export const createMemoryBus = (): Bus => {
  const listenersByTopic = new Map<string, Set<(message: Uint8Array) => void>>()
  return {
    publish(topic, message) {
      for (const listener of [...(listenersByTopic.get(topic) ?? [])]) listener(message)
    },
    subscribe(topic, onMessage) {
      const listeners = listenersByTopic.get(topic) ?? new Set()
      listeners.add(onMessage)
      listenersByTopic.set(topic, listeners)
      return () => {
        listeners.delete(onMessage)
        if (listeners.size === 0) listenersByTopic.delete(topic)
      }
    },
    hears: () => false,
    onGap: () => () => {},
    async close() {
      listenersByTopic.clear()
    }
  }
}
