import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Timers half a second late on average over the last second: the machine cannot keep up. */
const BEHIND_MS = 500
const SAMPLE_MS = 1_000
const RESOLUTION_MS = 20

/** Whether the event loop is behind with its work. */
export const watchLoad = (): { isOverloaded(): boolean; stop(): void } => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let behind = false
  const timer = setInterval(() => {
    behind = delay.mean / 1e6 - RESOLUTION_MS > BEHIND_MS
    delay.reset()
  }, SAMPLE_MS)
  timer.unref()
  return {
    isOverloaded: () => behind,
    stop() {
      clearInterval(timer)
      delay.disable()
    }
  }
}
