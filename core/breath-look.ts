import type { PacedBreath, Phase, PhaseKind } from './breath.ts'
import { beatsOfCycle, cycleMs, phaseMs } from './breath-cycle.ts'

/** How full the lungs are at the two ends of a phase, 0 to 1. */
const ends = (breath: PacedBreath, kind: PhaseKind): readonly [from: number, to: number] => {
  const first = phaseMs(breath, 'in')
  const afterFirst = first / (first + phaseMs(breath, 'sip'))
  switch (kind) {
    case 'in':
      return [0, afterFirst]
    case 'sip':
      return [afterFirst, 1]
    case 'hold':
      return [1, 1]
    case 'out':
      return [1, 0]
    case 'rest':
      return [0, 0]
  }
}

/** Half a sine wave: starts and ends without speed. */
export const sineEase = (progress: number): number => (1 - Math.cos(Math.PI * progress)) / 2

/** Fullness of the breath, 0 (empty) to 1 (full): orb, ring and wave all draw this. */
export const breathLevel = (breath: PacedBreath, { kind, progress }: Pick<Phase, 'kind' | 'progress'>): number => {
  const [from, to] = ends(breath, kind)
  return from + (to - from) * sineEase(progress)
}

/** Transform scale for a level, between an empty and a full orb. */
export const orbScale = (level: number, empty: number, full: number): number => empty + (full - empty) * level

/** `offset` 0 to 1 of one cycle, as the Web Animations API wants it; straight lines between frames. */
export type LevelFrame = { readonly offset: number; readonly level: number }

/** 16 straight pieces keep a half sine within 0.5 % of its height. */
const STEPS = 16

/**
 * One cycle as keyframes. The ramp stretches all phases alike, so the same frames serve each cycle: set
 * `playbackRate = 1 / cycleScale(breath, cycle)`.
 */
export const levelFrames = (breath: PacedBreath): readonly LevelFrame[] => {
  const unramped: PacedBreath = { ...breath, ramp: null }
  const whole = cycleMs(unramped)
  const frames: LevelFrame[] = [{ offset: 0, level: 0 }]
  for (const beat of beatsOfCycle(unramped, 0)) {
    const steps = beat.kind === 'hold' || beat.kind === 'rest' ? 1 : STEPS
    for (let step = 1; step <= steps; step++) {
      const progress = step / steps
      const offset = Math.min(1, (beat.startMs + beat.durationMs * progress) / whole)
      frames.push({ offset, level: breathLevel(unramped, { kind: beat.kind, progress }) })
    }
  }
  return frames
}

/** Where each phase begins and ends within one cycle, 0 to 1: for words, rings and fades. */
export type PhaseFrame = { readonly kind: PhaseKind; readonly from: number; readonly to: number }

export const phaseFrames = (breath: PacedBreath): readonly PhaseFrame[] => {
  const unramped: PacedBreath = { ...breath, ramp: null }
  const whole = cycleMs(unramped)
  return beatsOfCycle(unramped, 0).map(({ kind, startMs, durationMs }) => ({
    kind,
    from: startMs / whole,
    to: (startMs + durationMs) / whole
  }))
}
