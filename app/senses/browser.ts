import { createHaptics } from './haptics.ts'
import type { After, SenseSettings, Senses } from './ports.ts'
import { createPracticeLock } from './practice-lock.ts'
import { createSenses } from './senses.ts'
import { noPracticeLock } from './silent.ts'
import { createWakeLock } from './wake-lock.ts'
import { createWebTones } from './web-tones.ts'

/** All senses on this page's device APIs. */
export const createBrowserSenses = (options: {
  readonly profile: string
  readonly settings: () => SenseSettings
  readonly now: () => number
  readonly after: After
}): Senses => createSenses({ ...browserDevices(options.profile), ...options })

/** Each by itself; what the browser lacks says so. `locks` is missing over plain http on a name that is not localhost. */
export const browserDevices = (profile: string) => ({
  tones: createWebTones('AudioContext' in globalThis ? () => new AudioContext({ latencyHint: 'balanced' }) : null),
  haptics: createHaptics(navigator, navigator.maxTouchPoints > 0),
  wakeLock: createWakeLock({
    wakeLock: 'wakeLock' in navigator ? navigator.wakeLock : undefined,
    visible: () => document.visibilityState === 'visible',
    onVisibility: (run) => {
      document.addEventListener('visibilitychange', run)
      return () => document.removeEventListener('visibilitychange', run)
    }
  }),
  practiceLock:
    'locks' in navigator ? createPracticeLock(navigator.locks, `council/${profile}/practice`) : noPracticeLock
})
