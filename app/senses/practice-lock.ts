import type { PracticeLock } from './ports.ts'

/** The part of the Web Locks API that is used. */
export type Locks = {
  request(name: string, options: { ifAvailable: boolean }, run: (lock: unknown) => Promise<void>): Promise<unknown>
  query(): Promise<{ held?: readonly { name?: string }[] }>
}

/**
 * A lock dies with its tab, unlike a mark in storage: so a checkpoint whose lock is held belongs to a tab that breathes
 * right now, and one whose lock is free was cut short.
 * @param name carries the profile, so that two people on one machine do not see each other.
 */
export const createPracticeLock = (locks: Locks, name: string): PracticeLock => {
  let letGo: (() => void) | null = null
  return {
    hold: () => {
      if (letGo !== null) return
      const released = new Promise<void>((resolve) => {
        letGo = resolve
      })
      // A second tab that practises too goes without the lock: nothing depends on having it but the offer to resume.
      void locks.request(name, { ifAvailable: true }, () => released).catch(() => undefined)
    },
    release: () => {
      letGo?.()
      letGo = null
    },
    heldElsewhere: async () => {
      if (letGo !== null) return false
      const { held = [] } = await locks.query()
      return held.some((lock) => lock.name === name)
    }
  }
}
