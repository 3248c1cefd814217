import type { BusCounters } from './bus-parts.ts'

/** What waits for a broker that is slow to take it. More than this is not kept: the others are told to ask the store instead. */
export const OUTBOX_BYTES = 4_000_000
/** What leaves at once: a broker's answer to it tells that it was taken. */
const BATCH_BYTES = 1_000_000
/** What a waiting message costs beside its bytes. */
const MESSAGE_OVERHEAD = 100

export interface Outgoing {
  readonly topic: string
  readonly message: Uint8Array
}

/** @param isAfterLoss messages before these were lost: the others must be told. Rejects where it is not known to have left. */
export type Send = (batch: readonly Outgoing[], isAfterLoss: boolean) => Promise<void>

/** Messages on their way out: what one turn of the event loop publishes leaves together, one batch at a time. */
export interface Outbox {
  add(topic: string, message: Uint8Array): void
  /** The broker is there: from now on messages leave through `send`, a notice of what was lost before first. */
  open(send: Send): void
  /** The broker is away: what waits is lost, as is what comes until it is back. */
  shut(): void
  /** Resolves when nothing is left to send. */
  idle(): Promise<void>
}

const sizeOf = ({ topic, message }: Outgoing): number => MESSAGE_OVERHEAD + 2 * topic.length + message.byteLength

export const createOutbox = (counters: BusCounters): Outbox => {
  let waiting: Outgoing[] = []
  let bytes = 0
  let send: Send | undefined
  let hasLost = false
  let isDue = false
  let sending: Promise<void> | undefined

  const lose = (count: number): void => {
    counters.dropped += count
    hasLost = true
  }

  const dropAll = (): void => {
    if (waiting.length > 0) lose(waiting.length)
    waiting = []
    bytes = 0
  }

  const nextBatch = (): Outgoing[] => {
    let taken = 0
    let count = 0
    for (; count < waiting.length && taken < BATCH_BYTES; count++) taken += sizeOf(waiting[count] as Outgoing)
    bytes -= taken
    return waiting.splice(0, count)
  }

  const sendAll = async (): Promise<void> => {
    while (send !== undefined && (waiting.length > 0 || hasLost)) {
      const batch = nextBatch()
      const isAfterLoss = hasLost
      hasLost = false
      try {
        await send(batch, isAfterLoss)
        counters.sent += batch.length
      } catch {
        // It may have left all the same: lost is what nobody can rely on. The connection's own end says why.
        lose(batch.length)
        return
      }
    }
  }

  const flush = (): void => {
    isDue = false
    if (sending !== undefined || send === undefined) return
    sending = sendAll().finally(() => {
      sending = undefined
      // Published while the last batch failed and the broker came back.
      if (send !== undefined && waiting.length > 0) soon()
    })
  }

  const soon = (): void => {
    if (isDue) return
    isDue = true
    setImmediate(flush)
  }

  return {
    add(topic, message) {
      const outgoing = { topic, message }
      if (send === undefined) return lose(1)
      const size = sizeOf(outgoing)
      // All of it: those who are told to ask the store need nothing older, and of presence the newest is what counts.
      if (bytes + size > OUTBOX_BYTES) dropAll()
      waiting.push(outgoing)
      bytes += size
      soon()
    },
    open(next) {
      send = next
      if (hasLost) soon()
    },
    shut() {
      send = undefined
      dropAll()
      // Nobody knows what of the last messages arrived.
      hasLost = true
    },
    async idle() {
      while (send !== undefined && (waiting.length > 0 || isDue || sending !== undefined)) {
        await (sending ?? new Promise<void>((done) => setImmediate(done)))
      }
    }
  }
}
