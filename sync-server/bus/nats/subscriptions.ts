import type { NatsConnection, Subscription } from '@nats-io/transport-node'
import type { BusCore } from '#server/bus/bus-core.ts'
import { lossSubject, topicToSubject } from './subjects.ts'

/** What the broker is asked for: a subject for each topic that somebody here listens to. */
export interface Subscriptions {
  /** The client's first connection is there. */
  begin(nats: NatsConnection): void
  /** The connection is away; the client knows the subjects and asks for them again when it is back. */
  pause(): void
  resume(): void
  use(topic: string, isUsed: boolean): void
}

/** Whoever begins to listen reads the store afterwards, which takes about as long: a broker slower than this may have left out something. */
const LATE_MS = 50

export const createSubscriptions = (prefix: string, core: BusCore): Subscriptions => {
  const subscriptionByTopic = new Map<string, Subscription>()
  let nats: NatsConnection | undefined
  let isThere = false
  let isConfirming = false

  const listen = (to: NatsConnection, topic: string): void => {
    const callback = (error: Error | null, { data }: { data: Uint8Array }): void => {
      if (error === null) core.heard(topic, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
    subscriptionByTopic.set(topic, to.subscribe(topicToSubject(prefix, topic), { callback }))
  }

  const confirm = async (from: NatsConnection): Promise<void> => {
    const asked = performance.now()
    try {
      await from.flush()
      if (performance.now() - asked > LATE_MS) core.missed()
    } catch {
      // The connection ended: all is asked for again, and the store is asked.
    }
  }

  /** One question for all that one turn of the event loop began to listen to. */
  const confirmSoon = (): void => {
    if (isConfirming || !isThere) return
    isConfirming = true
    setImmediate(() => {
      isConfirming = false
      if (isThere && nats !== undefined) void confirm(nats)
    })
  }

  return {
    begin(connection) {
      nats = connection
      isThere = true
      subscriptionByTopic.clear()
      connection.subscribe(lossSubject(prefix), {
        callback(error) {
          if (error === null) core.missed()
        }
      })
      for (const topic of core.topics()) listen(connection, topic)
    },
    pause() {
      isThere = false
    },
    resume() {
      isThere = true
    },
    use(topic, isUsed) {
      if (nats === undefined || nats.isClosed()) return
      if (isUsed) {
        listen(nats, topic)
        confirmSoon()
        return
      }
      subscriptionByTopic.get(topic)?.unsubscribe()
      subscriptionByTopic.delete(topic)
    }
  }
}
