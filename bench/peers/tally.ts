import type { Histogram } from './statistics.ts'

/**
 * Who has seen which of the numbered updates of one room, and after how long. A delivery is one update that reached one
 * client other than its writer; within a merged message each counts.
 */
export interface Tally {
  /** @returns the update's number, from 0. */
  sent(writer: number, now: number): number
  /** Clocks [from, to) of a writer reached a client. */
  saw(client: number, writer: number, from: number, to: number, now: number): void
  deliveries(): number
  sentCount(): number
  sentBy(writer: number): number
  /** Updates that a client is still owed by all others. */
  missing(client: number): number
  /** Runs that began after what the client had: something was left out before them, or came out of order. */
  gaps(): number
}

export interface TallyOptions {
  readonly clients: number
  /** Writer w is client w. */
  readonly writers: number
  /** Clocks an update. */
  readonly width: number
  readonly latencies?: Histogram
  /** All others have the update. */
  readonly onEverywhere?: (writer: number, n: number) => void
}

export const createTally = ({ clients, writers, width, latencies, onEverywhere }: TallyOptions): Tally => {
  const seen = new Float64Array(clients * writers)
  const times: number[][] = Array.from({ length: writers }, () => [])
  const owed: number[][] = Array.from({ length: writers }, () => [])
  let deliveries = 0
  let sentCount = 0
  let gaps = 0
  return {
    sent(writer, now) {
      const list = times[writer] as number[]
      list.push(now)
      if (onEverywhere !== undefined) owed[writer]?.push(clients - 1)
      sentCount++
      return list.length - 1
    },
    saw(client, writer, from, to, now) {
      // A server may send a writer some of its own back and not others: it has them all.
      if (client === writer) return
      const place = client * writers + writer
      const had = seen[place] as number
      if (to <= had) return
      if (from > had) {
        gaps++
        return
      }
      seen[place] = to
      const list = times[writer] as number[]
      for (let n = Math.floor(had / width), end = Math.floor(to / width); n < end; n++) {
        deliveries++
        latencies?.add(now - (list[n] as number))
        if (onEverywhere === undefined) continue
        const left = ((owed[writer] as number[])[n] as number) - 1
        ;(owed[writer] as number[])[n] = left
        if (left === 0) onEverywhere(writer, n)
      }
    },
    deliveries: () => deliveries,
    sentCount: () => sentCount,
    sentBy: (writer) => (times[writer] as number[]).length,
    missing(client) {
      let missing = 0
      for (let writer = 0; writer < writers; writer++) {
        if (writer === client) continue
        missing += (times[writer] as number[]).length - Math.floor((seen[client * writers + writer] as number) / width)
      }
      return missing
    },
    gaps: () => gaps
  }
}
