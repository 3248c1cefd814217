import type { BeatChannel, LeaderClock, Locks } from './leader.ts'

/** The locks and channels that tabs of one browser share, and a clock that the test turns by hand. */

interface Waiting {
  readonly grant: () => void
}

/** Exclusive Web Locks of one name. */
export const createLocks = (): Locks => {
  let queue: readonly Waiting[] = []
  let holder: { readonly lose: () => void } | undefined
  const next = () => {
    const [first, ...rest] = queue
    if (holder !== undefined || first === undefined) return
    queue = rest
    first.grant()
  }
  return {
    request: (_name, options, held) =>
      new Promise((resolve, reject) => {
        const abort = () => reject(new DOMException('stolen or given up', 'AbortError'))
        const grant = async () => {
          const mine = { lose: abort }
          holder = mine
          await held()
          if (holder === mine) holder = undefined
          resolve(undefined)
          next()
        }
        if ('steal' in options) {
          holder?.lose()
          return void grant()
        }
        const waiting = { grant: () => void grant() }
        options.signal.addEventListener('abort', () => {
          if (!queue.includes(waiting)) return
          queue = queue.filter((each) => each !== waiting)
          abort()
        })
        queue = [...queue, waiting]
        queueMicrotask(next)
      })
  }
}

/** Every channel hears what the others say. */
export const createChannels = (): (() => BeatChannel) => {
  const all = new Set<BeatChannel>()
  return () => {
    const channel: BeatChannel = {
      postMessage: (data) => {
        for (const each of all) if (each !== channel) each.onmessage?.(new MessageEvent('message', { data }))
      },
      onmessage: null,
      close: () => all.delete(channel)
    }
    all.add(channel)
    return channel
  }
}

export interface HandClock extends LeaderClock {
  /** Fires what is due on the way, and lets everything come to rest after each step of 100 ms. */
  pass(ms: number): Promise<void>
}

/** @param frozen while it says so no timer fires; what was due fires once at the thaw, as in a frozen tab. */
export const createHandClock = (): HandClock & { readonly tab: (frozen: () => boolean) => LeaderClock } => {
  let now = 0
  let timers: readonly { readonly at: number; readonly fire: () => void; readonly frozen: () => boolean }[] = []
  const clockFor = (frozen: () => boolean): LeaderClock => ({
    mono: () => now,
    setTimer: (ms, fire) => {
      const timer = { at: now + ms, fire, frozen }
      timers = [...timers, timer]
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    }
  })
  return {
    ...clockFor(() => false),
    tab: clockFor,
    pass: async (ms) => {
      for (const end = now + ms; now < end; ) {
        now += 100
        const due = timers.filter((timer) => timer.at <= now && !timer.frozen())
        timers = timers.filter((timer) => !due.includes(timer))
        for (const timer of due) timer.fire()
        await rest()
      }
    }
  }
}

const rest = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
