import type { Live } from './face.ts'

/** A value with subscribers. Setting the same reference tells nobody. */
export type Cell<T> = Live<T> & { readonly set: (value: T) => void }

export const createCell = <T>(initial: T): Cell<T> => {
  let current = initial
  const listeners = new Set<() => void>()
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(value, current)) return
      current = value
      for (const listener of [...listeners]) listener()
    },
    subscribe: (onChange) => {
      // A wrapper of its own: the same function may subscribe twice and leave once.
      const listener = () => onChange()
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}
