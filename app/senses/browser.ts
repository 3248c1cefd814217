import { createHaptics } from './haptics.ts'
import { createPracticeLock } from './practice-lock.ts'
import { noPracticeLock } from './silent.ts'
import { createWakeLock } from './wake-lock.ts'
import { createWebTones } from './web-tones.ts'

/** This page's device APIs, for createSenses; the practice lock also for whoever looks for an interrupted practice. What the browser lacks says so. `locks` is missing over plain http on a name that is not localhost. */
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
