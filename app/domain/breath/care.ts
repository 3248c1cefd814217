import type { Breath, PacedBreath } from '#core/breath.ts'
import { breathsPerMinute, phaseMs } from '#core/breath-cycle.ts'

/** What must be said before a pattern is breathed for the first time. */
export type Care = {
  /** Over 12 breaths a minute: behind a plain screen, once. */
  readonly fast: boolean
  /** A hold or rest over 4 s: behind a plain screen, once. */
  readonly longHold: boolean
  /** Any hold at all: the line that under 18 is better off without. Shown, never a gate by itself. */
  readonly underEighteenLine: boolean
  /** The same breath without holds and not fast, one tap away; null where it is that already. */
  readonly gentler: PacedBreath | null
}

const FAST_BREATHS_PER_MINUTE = 12
const LONG_HOLD_MS = 4_000

const NO_CARE: Care = { fast: false, longHold: false, underEighteenLine: false, gentler: null }

/** Without holds, and stretched where it would be fast without them. */
const gentlerForm = (breath: PacedBreath): PacedBreath => {
  const { in: inhale, sip, out } = breath.seconds
  const stretch = Math.max(1, 60 / FAST_BREATHS_PER_MINUTE / (inhale + sip + out))
  // Upwards in tenths, the unit of a written breath: rounding down could make it fast again.
  const slower = (seconds: number): number => Math.ceil(Math.round(seconds * stretch * 1000) / 100) / 10
  return {
    kind: 'paced',
    seconds: { in: slower(inhale), sip: slower(sip), hold: 0, out: slower(out), rest: 0 },
    ramp: breath.ramp !== null && breath.ramp.from >= 1 ? breath.ramp : null
  }
}

/** A ramp counts with its fastest and with its slowest cycle. */
export const careFor = (breath: Breath): Care => {
  if (breath.kind !== 'paced') return NO_CARE
  const quickest = Math.min(1, breath.ramp?.from ?? 1)
  const slowest = Math.max(1, breath.ramp?.from ?? 1)
  const fast = breathsPerMinute(breath) / quickest > FAST_BREATHS_PER_MINUTE
  const hold = Math.max(phaseMs(breath, 'hold'), phaseMs(breath, 'rest'))
  return {
    fast,
    longHold: hold * slowest > LONG_HOLD_MS,
    underEighteenLine: hold > 0,
    gentler: hold > 0 || fast ? gentlerForm(breath) : null
  }
}

/** Which screen stands before this breath, given what was read before; null = go on. */
export const careScreen = (
  breath: Breath,
  seen: { readonly careFastSeen: boolean; readonly careHoldSeen: boolean }
): { readonly fast: boolean; readonly longHold: boolean } | null => {
  const care = careFor(breath)
  const fast = care.fast && !seen.careFastSeen
  const longHold = care.longHold && !seen.careHoldSeen
  return fast || longHold ? { fast, longHold } : null
}
