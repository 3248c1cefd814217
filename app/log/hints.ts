import type { DocPath } from '#app/store/ports.ts'

/** What is used of a BroadcastChannel: it brings messages to the other tabs, not to its own. */
export interface HintChannel {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent) => void) | null
  close(): void
}

export interface Hints {
  announce(docs: readonly DocPath[]): void
  subscribe(changed: (doc: DocPath) => void): () => void
  close(): void
}

/** Says which documents changed, to this tab and the others. A lost hint costs time, never content: readAfter is the truth. */
export const createHints = (channel: HintChannel): Hints => {
  const listeners = new Set<(doc: DocPath) => void>()
  const tell = (docs: readonly DocPath[]) => {
    for (const doc of docs) for (const listener of [...listeners]) listener(doc)
  }
  let open = true
  channel.onmessage = (event) => tell(documentsIn(event.data))
  return {
    announce: (docs) => {
      if (!open || docs.length === 0) return
      channel.postMessage({ changed: docs })
      tell(docs)
    },
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    close: () => {
      open = false
      listeners.clear()
      channel.close()
    }
  }
}

/** Another tab may run another version of the app: what is not understood is no hint. */
const documentsIn = (message: unknown): readonly DocPath[] => {
  if (typeof message !== 'object' || message === null || !('changed' in message)) return []
  const docs: unknown = message.changed
  return Array.isArray(docs) ? docs.filter((doc): doc is DocPath => typeof doc === 'string') : []
}
