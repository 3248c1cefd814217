/** One timer for all sockets: it looks at each once a round, and at those with a deadline each second. */

export interface Beat {
  /** Something came since it was looked at last. */
  isHeard: boolean
  /** Its place, for the pulse's own use. */
  slot: number
  place: number
}

export interface PulseActions<Line extends Beat> {
  /** Silent for a whole round. */
  lost(line: Line): void
  ping(line: Line): void
  /** @returns whether it still has a deadline */
  watch(line: Line, now: number): boolean
  /** Each second. */
  second(): void
}

export interface Pulse<Line extends Beat> {
  /** Seconds since the pulse began, as counted by it: a clock set wrong does not move them. */
  now(): number
  add(line: Line): void
  remove(line: Line): void
  /** Asks `watch` each second until it says no. */
  watch(line: Line): void
  stop(): void
}

const SECOND_MS = 1_000

/**
 * @param roundSeconds between two pings of a socket, and the time it has to answer
 * @param after runs once after some milliseconds; @returns cancels it
 */
export const createPulse = <Line extends Beat>(
  roundSeconds: number,
  after: (ms: number, run: () => void) => () => void,
  actions: PulseActions<Line>
): Pulse<Line> => {
  const slots: Line[][] = Array.from({ length: roundSeconds }, () => [])
  const watched = new Set<Line>()
  let now = 0
  let next = 0

  const beat = (line: Line): void => {
    if (line.isHeard) {
      line.isHeard = false
      actions.ping(line)
    } else actions.lost(line)
  }

  const tick = (): void => {
    now++
    cancel = after(SECOND_MS, tick)
    // A copy: who is lost leaves the slot.
    for (const line of [...(slots[now % roundSeconds] ?? [])]) beat(line)
    for (const line of watched) if (!actions.watch(line, now)) watched.delete(line)
    actions.second()
  }
  let cancel = after(SECOND_MS, tick)

  return {
    now: () => now,
    add(line) {
      // Spread over the round, whenever they came: a storm of sockets must not become a storm of pings.
      next = (next + 1) % roundSeconds
      line.slot = next
      line.place = (slots[next] as Line[]).push(line) - 1
      line.isHeard = true
    },
    remove(line) {
      const slot = slots[line.slot] as Line[]
      const last = slot.pop()
      if (last !== undefined && last !== line) {
        slot[line.place] = last
        last.place = line.place
      }
      watched.delete(line)
    },
    watch: (line) => void watched.add(line),
    stop: () => cancel()
  }
}
