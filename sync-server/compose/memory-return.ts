import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * A relay that everybody has left allocates nothing, and V8 collects only when something is allocated: what the many held would stay
 * for as long as nobody comes.
 */

export interface MemoryReturn {
  /** Once a second. @param connections open ones, both dialects */
  look(connections: number): void
}

/** Fewer hold too little to collect for. */
const MANY = 200
/** Of those who were here, so many stay at most. */
const SHARE_LEFT = 0.5
/** Seconds without any change: what is under way for those who left (commits, rebuilds) has ended, and a storm of reconnects has come back. */
const REST_SECONDS = 3

/** @param collect collects all garbage at once */
export const createMemoryReturn = (collect: () => void): MemoryReturn => {
  let most = 0
  let last = 0
  let seconds = 0
  return {
    look(connections) {
      if (connections > most) most = connections
      seconds = connections === last ? seconds + 1 : 0
      last = connections
      if (most < MANY || connections > most * SHARE_LEFT || seconds < REST_SECONDS) return
      most = connections
      collect()
    }
  }
}

/** V8's own full collection, which Node offers to nobody unless asked. */
export const exposedCollection = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  return typeof collect === 'function' ? () => void collect({ type: 'major', flavor: 'last-resort' }) : () => {}
}
