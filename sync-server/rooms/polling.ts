import type { Bus } from './ports.ts'
import type { Clock } from './relay-ports.ts'

/** Asks a store that other relays append to, again and again while there is somebody to ask for: soon where the bus is silent, seldom where it tells. */
export interface Polling {
  /** There is somebody: the next question is due after a while. */
  wake(): void
  /** Something may have been missed: asks at once. */
  now(): void
  /** The store held what nobody told of: another relay does not reach the bus, which may hear all the same. Asks soon for a while. */
  untold(): void
  close(): void
}

export const POLL_MS = 1_000
export const POLL_WHILE_HEARING_MS = 10_000
/** Of somebody who writes now and then: longer than the thought between two sentences. */
const UNTOLD_MS = 60_000
/** Hints travel behind the commit. One that is later than this is as good as none. */
export const HINT_GRACE_MS = 1_000

export interface PollingOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly isWanted: () => boolean
  /** One question for all that there is. */
  readonly ask: () => Promise<void>
}

export const createPolling = ({ bus, clock, random, isWanted, ask }: PollingOptions): Polling => {
  let isClosed = false
  let isAsking = false
  let asksAgain = false
  let untoldUntil = Number.NEGATIVE_INFINITY
  let cancel: (() => void) | undefined

  /** Relays that were started together do not ask together: a quarter earlier or later. */
  const wait = (): number => {
    const isTold = bus.hears() && clock.now() >= untoldUntil
    return (isTold ? POLL_WHILE_HEARING_MS : POLL_MS) * (0.75 + (random(1)[0] ?? 0) / 512)
  }

  const schedule = (ms: number): void => {
    cancel?.()
    cancel = undefined
    if (!isClosed && isWanted()) cancel = clock.after(ms, () => void run())
  }

  const run = async (): Promise<void> => {
    cancel?.()
    cancel = undefined
    if (isClosed) return
    if (isAsking) {
      asksAgain = true
      return
    }
    isAsking = true
    asksAgain = false
    try {
      if (isWanted()) await ask()
    } finally {
      isAsking = false
    }
    if (asksAgain) void run()
    else schedule(wait())
  }

  const stopGap = bus.onGap(() => void run())

  return {
    wake() {
      if (cancel === undefined && !isAsking) schedule(wait())
    },
    now: () => void run(),
    untold() {
      untoldUntil = clock.now() + UNTOLD_MS
      if (!isAsking) schedule(wait())
    },
    close() {
      isClosed = true
      cancel?.()
      stopGap()
    }
  }
}
