import type { Clock } from '#server/rooms/relay-ports.ts'

export const machineClock: Clock = {
  now: Date.now,
  after(ms, run) {
    if (ms === 0) {
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  }
}
