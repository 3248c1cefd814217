import { useSyncExternalStore } from 'react'

/** Both the store's `Live` and the ports' `Observable`. */
export interface Readable<T> {
  readonly get: () => T
  readonly subscribe: (changed: () => void) => () => void
}

export const useLive = <T>(live: Readable<T>): T => useSyncExternalStore(live.subscribe, live.get)

/** A value that can be set, for what belongs to no store: a toast, an announcement. */
export const createCell = <T>(initial: T): Readable<T> & { set(value: T): void } => {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    set: (next) => {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    }
  }
}
