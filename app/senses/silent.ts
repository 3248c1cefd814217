import type { Haptics, PracticeLock, Tones, WakeLock } from './ports.ts'

/** For places without the device: tests of other rooms, pictures, a headless run. They say that they can do nothing. */
export const silentTones: Tones = {
  available: false,
  now: () => null,
  wake: async () => false,
  play: () => () => undefined,
  close: () => undefined
}

export const stillHaptics: Haptics = { available: false, buzz: () => undefined }

export const noWakeLock: WakeLock = { available: false, hold: () => undefined, release: () => undefined }

export const noPracticeLock: PracticeLock = {
  hold: () => undefined,
  release: () => undefined,
  heldElsewhere: async () => false
}
