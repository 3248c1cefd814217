/**
 * Whether the relay takes on more work: one verdict for both dialects, by three causes. Each begins at one bound and ends at a lower
 * one, so that a relay at the edge does not flutter.
 */

export type Cause = 'loop' | 'queue' | 'commit'

export interface Readings {
  /** How late timers are on average, ms. */
  readonly lagMs: number
  /** Taken and not yet on the disk. */
  readonly queuedBytes: number
  /** Age of the oldest of it, ms. */
  readonly waitingMs: number
}

interface Bound {
  readonly read: (readings: Readings) => number
  readonly begins: number
  readonly ends: number
}

/**
 * A healthy commit takes milliseconds and a healthy loop is never a tenth of a second late; a stock client gives up on a silent relay after 30 s.
 * 64 MB waiting is what one large document may bring by itself, so the queue begins above it.
 */
const BOUNDS: Readonly<Record<Cause, Bound>> = {
  loop: { read: ({ lagMs }) => lagMs, begins: 500, ends: 100 },
  queue: { read: ({ queuedBytes }) => queuedBytes, begins: 96_000_000, ends: 32_000_000 },
  commit: { read: ({ waitingMs }) => waitingMs, begins: 3_000, ends: 500 }
}

export const CAUSES = Object.keys(BOUNDS) as readonly Cause[]

export interface Overload {
  /** Judges anew, once a second. */
  judge(readings: Readings): void
  isOverloaded(): boolean
  has(cause: Cause): boolean
}

export const createOverload = (): Overload => {
  const active = new Set<Cause>()
  return {
    judge(readings) {
      for (const cause of CAUSES) {
        const { read, begins, ends } = BOUNDS[cause]
        const value = read(readings)
        if (value >= begins) active.add(cause)
        else if (value <= ends) active.delete(cause)
      }
    },
    isOverloaded: () => active.size > 0,
    has: (cause) => active.has(cause)
  }
}

/** Seconds for Retry-After, spread so that all do not come back at once. @param random 0 to 1, 1 excluded */
export const retryAfterSeconds = (random: number): number => 2 + Math.floor(random * 8)
