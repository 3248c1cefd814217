import type { SyncFacts } from './status.ts'

/** What the tabs of one profile say to each other about the network. A hint each: the log is the truth. */

/** What is used of a BroadcastChannel: it brings messages to the other tabs, not to its own. */
export interface TabChannel {
  postMessage(message: unknown): void
  onmessage: ((event: { readonly data: unknown }) => void) | null
  close(): void
}

type Message =
  | { readonly kind: 'facts'; readonly facts: SyncFacts }
  /** A tab came and knows nothing yet. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'urgent' | 'retry' }
  /** The keys or documents are about to be exchanged: nobody talks to a relay until `go`. */
  | { readonly kind: 'hold' | 'held' | 'go' }

export interface Tabs {
  tell(facts: SyncFacts): void
  ask(): void
  send(kind: 'urgent' | 'retry' | 'go'): void
  /** Resolves when every tab that talks has stopped, or has had time to. */
  hold(): Promise<void>
  close(): void
}

export interface TabEars {
  facts(facts: SyncFacts): void
  asked(): void
  urgent(): void
  retry(): void
  hold(): Promise<void>
  go(): void
}

/** A tab that does not answer is frozen: its session finds the new keys when it thaws, and ends. */
const HOLD_MS = 1_500

export const createTabs = (
  channel: TabChannel | undefined,
  setTimer: (ms: number, fire: () => void) => () => void,
  ears: TabEars
): Tabs => {
  let onHeld = (): void => {}
  const hear = (message: Message): void => {
    if (message.kind === 'facts') ears.facts(message.facts)
    else if (message.kind === 'ask') ears.asked()
    else if (message.kind === 'urgent') ears.urgent()
    else if (message.kind === 'retry') ears.retry()
    else if (message.kind === 'held') onHeld()
    else if (message.kind === 'go') ears.go()
    else void ears.hold().then(() => channel?.postMessage({ kind: 'held' }))
  }
  if (channel !== undefined) channel.onmessage = ({ data }) => hear(data as Message)
  return {
    tell: (facts) => channel?.postMessage({ kind: 'facts', facts }),
    ask: () => channel?.postMessage({ kind: 'ask' }),
    send: (kind) => channel?.postMessage({ kind }),
    hold: () =>
      new Promise((resolve) => {
        if (channel === undefined) return resolve()
        const cancel = setTimer(HOLD_MS, resolve)
        // Only the leader talks, so one answer is enough; further ones change nothing.
        onHeld = () => {
          cancel()
          resolve()
        }
        channel.postMessage({ kind: 'hold' })
      }),
    close: () => channel?.close()
  }
}
