import { monitorEventLoopDelay } from 'node:perf_hooks'
import { CAUSES, type Cause, createOverload, type Readings } from './overload.ts'

const SAMPLE_MS = 1_000
/** Each sample wakes the process. */
const RESOLUTION_MS = 50

export interface LoadReadings {
  /** How late timers were on average in the last second, ms. */
  lagMs(): number
  causes(): readonly (readonly [Cause, boolean])[]
}

export interface Load extends LoadReadings {
  isOverloaded(): boolean
  stop(): void
}

/**
 * Samples the event loop and what waits for the disk, once a second.
 * @param onSample runs with each sample, for what else is worth a look once a second.
 */
export const watchLoad = (
  waiting: () => Pick<Readings, 'queuedBytes' | 'waitingMs'>,
  onSample: () => void = () => {}
): Load => {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const overload = createOverload()
  let lagMs = 0
  const timer = setInterval(() => {
    // Without a single sample the mean is not a number: the loop was not free once.
    const mean = delay.mean / 1e6
    lagMs = Number.isFinite(mean) ? Math.max(0, mean - RESOLUTION_MS) : lagMs
    delay.reset()
    overload.judge({ lagMs, ...waiting() })
    onSample()
  }, SAMPLE_MS)
  timer.unref()
  return {
    lagMs: () => lagMs,
    causes: () => CAUSES.map((cause) => [cause, overload.has(cause)] as const),
    isOverloaded: overload.isOverloaded,
    stop() {
      clearInterval(timer)
      delay.disable()
    }
  }
}
