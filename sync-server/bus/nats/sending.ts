import type { NatsConnection } from '@nats-io/transport-node'
import type { Send } from '#server/bus/outbox.ts'
import { lossSubject, topicToSubject } from './subjects.ts'

/**
 * The client hands everything to its socket, however slow the broker is. So after this much the broker is asked whether it has
 * taken it, and what comes meanwhile waits in the outbox, which is bounded.
 */
const UNCONFIRMED_BYTES = 256_000

const NOTHING = new Uint8Array(0)

export const createSend = (nats: NatsConnection, prefix: string): Send => {
  let unconfirmed = 0
  return async (batch, isAfterLoss) => {
    if (isAfterLoss) nats.publish(lossSubject(prefix), NOTHING)
    const most = nats.info?.max_payload ?? Number.POSITIVE_INFINITY
    let isRefused = false
    for (const { topic, message } of batch) {
      if (message.byteLength > most) {
        isRefused = true
        continue
      }
      nats.publish(topicToSubject(prefix, topic), message)
      unconfirmed += message.byteLength + topic.length
    }
    if (unconfirmed >= UNCONFIRMED_BYTES) {
      unconfirmed = 0
      await nats.flush()
    }
    if (isRefused) throw new Error('larger than the broker takes')
  }
}
