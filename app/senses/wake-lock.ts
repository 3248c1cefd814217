import type { WakeLock } from './ports.ts'

export type WakeLockPage = {
  readonly wakeLock?: { request(kind: 'screen'): Promise<{ release(): Promise<void> }> } | undefined
  readonly visible: () => boolean
  /** @returns stops listening. */
  readonly onVisibility: (run: () => void) => () => void
}

/** The browser takes the lock away whenever the page is hidden: it is asked for again each time the page is shown. */
export const createWakeLock = ({ wakeLock, visible, onVisibility }: WakeLockPage): WakeLock => {
  let wanted = false
  let held: { release(): Promise<void> } | null = null
  let asking = false
  let stopListening: () => void = () => undefined

  const ask = async (): Promise<void> => {
    if (wakeLock === undefined || !wanted || asking || !visible()) return
    asking = true
    // Refused on low battery or by a policy: the practice goes on, the screen may dim. The next showing asks again.
    held = await wakeLock.request('screen').catch(() => null)
    asking = false
    if (!wanted) letGo()
  }
  const letGo = (): void => {
    void held?.release().catch(() => undefined)
    held = null
  }

  return {
    available: wakeLock !== undefined,
    hold: () => {
      if (wanted) return
      wanted = true
      stopListening = onVisibility(() => void ask())
      void ask()
    },
    release: () => {
      wanted = false
      stopListening()
      letGo()
    }
  }
}
