import { type BusNews, reasonOf } from './bus-parts.ts'

type OnMessage = (message: Uint8Array) => void

/** Who listens for which topic. */
export interface Listeners {
  /** @returns ends it; ending twice does nothing. */
  add(topic: string, onMessage: OnMessage): () => void
  /** @returns whether anybody listens. One that throws does not keep the others from hearing. */
  tell(topic: string, message: Uint8Array): boolean
  topics(): IterableIterator<string>
  has(topic: string): boolean
  clear(): void
}

/** @param onUse told when the first listener of a topic came or the last one went. */
export const createListeners = (
  report: (news: BusNews) => void,
  onUse: (topic: string, isUsed: boolean) => void = () => {}
): Listeners => {
  // A wrapper a subscription: one function may listen twice, and each ending ends one.
  const listenersByTopic = new Map<string, Set<{ readonly onMessage: OnMessage }>>()
  return {
    add(topic, onMessage) {
      const listener = { onMessage }
      const listeners = listenersByTopic.get(topic)
      if (listeners === undefined) {
        listenersByTopic.set(topic, new Set([listener]))
        onUse(topic, true)
      } else listeners.add(listener)
      return () => {
        const left = listenersByTopic.get(topic)
        if (!left?.delete(listener) || left.size > 0) return
        listenersByTopic.delete(topic)
        onUse(topic, false)
      }
    },
    tell(topic, message) {
      const listeners = listenersByTopic.get(topic)
      if (listeners === undefined) return false
      for (const listener of [...listeners]) {
        // One of them may have ended another.
        if (!listeners.has(listener)) continue
        try {
          listener.onMessage(message)
        } catch (cause) {
          report({ kind: 'listener-failed', reason: reasonOf(cause) })
        }
      }
      return true
    },
    topics: () => listenersByTopic.keys(),
    has: (topic) => listenersByTopic.has(topic),
    clear: () => listenersByTopic.clear()
  }
}
