import type { Breath, PhaseSeconds } from '#core/breath.ts'
import type { Pattern, PatternId } from './pattern.ts'

const paced = (seconds: Partial<PhaseSeconds>): Breath => ({
  kind: 'paced',
  seconds: { in: 0, sip: 0, hold: 0, out: 0, rest: 0, ...seconds },
  ramp: null
})

const builtIn = (id: string, breath: Breath, minutes: number): Pattern => ({
  id: id as PatternId,
  name: '',
  breath,
  plan: { kind: 'minutes', minutes },
  origin: 'built-in'
})

/** Silent timer of the place Sit. Not among the breathing patterns. */
export const SIT: Pattern = { ...builtIn('sit', { kind: 'silent' }, 20) }

/** In the order in which they are offered; names are the screen's to translate, by id. */
export const BUILT_IN_PATTERNS: readonly Pattern[] = [
  builtIn('4-6', paced({ in: 4, out: 6 }), 5),
  builtIn('5.5-5.5', paced({ in: 5.5, out: 5.5 }), 5),
  builtIn('5-5', paced({ in: 5, out: 5 }), 5),
  builtIn('box', paced({ in: 4, hold: 4, out: 4, rest: 4 }), 5),
  builtIn('4-7-8', paced({ in: 4, hold: 7, out: 8 }), 3),
  builtIn('4-8', paced({ in: 4, out: 8 }), 5),
  builtIn('sigh', paced({ in: 2, sip: 1, out: 6 }), 5),
  builtIn('children', paced({ in: 3, out: 3 }), 2),
  builtIn('free', { kind: 'free' }, 5)
]

export const DEFAULT_PATTERN_ID: PatternId = '4-6' as PatternId
