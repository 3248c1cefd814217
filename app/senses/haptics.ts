import type { Haptics } from './ports.ts'

/** `vibrate` exists in desktop Chromium and does nothing there; `touch` says whether this is a thing one holds. iPhones have none. */
export const createHaptics = (
  device: { readonly vibrate?: (pattern: number[]) => boolean },
  touch: boolean
): Haptics => {
  const available = touch && typeof device.vibrate === 'function'
  return {
    available,
    buzz: (pattern) => {
      if (available && pattern.length > 0) device.vibrate?.([...pattern])
    }
  }
}
