import type { Scheduler } from '#testing/scheduler.ts'

/** Everything that comes into a tab from outside passes here: a frozen tab hears it when it thaws, a dead one never. */
export interface Gate {
  in<Args extends readonly unknown[]>(hear: (...args: Args) => void): (...args: Args) => void
  setTimer(ms: number, fire: () => void): () => void
  freeze(): void
  thaw(): void
  kill(): void
  readonly state: () => 'open' | 'frozen' | 'dead'
}

export const createGate = (scheduler: Scheduler): Gate => {
  let state: 'open' | 'frozen' | 'dead' = 'open'
  let waiting: (() => void)[] = []

  const pass = (run: () => void): void => {
    if (state === 'open') run()
    else if (state === 'frozen') waiting.push(run)
  }

  return {
    state: () => state,
    in:
      (hear) =>
      (...args) =>
        pass(() => hear(...args)),
    setTimer: (ms, fire) => {
      let wanted = true
      const cancel = scheduler.after(ms, '', () => pass(() => wanted && fire()))
      return () => {
        wanted = false
        cancel()
      }
    },
    freeze: () => {
      if (state === 'open') state = 'frozen'
    },
    thaw: () => {
      if (state !== 'frozen') return
      state = 'open'
      const heard = waiting
      waiting = []
      for (const run of heard) pass(run)
    },
    kill: () => {
      state = 'dead'
      waiting = []
    }
  }
}
