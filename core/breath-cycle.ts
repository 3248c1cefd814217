import { type Beat, type PacedBreath, PHASE_ORDER, type Phase, type PhaseKind } from './breath.ts'

/** Milliseconds of one phase as written, before the ramp. */
export const phaseMs = (breath: PacedBreath, kind: PhaseKind): number => Math.round(breath.seconds[kind] * 1000)

const spanMs = (breath: PacedBreath, kinds: readonly PhaseKind[]): number =>
  kinds.reduce((sum, kind) => sum + phaseMs(breath, kind), 0)

/** Milliseconds of one cycle as written, before the ramp. */
export const cycleMs = (breath: PacedBreath): number => spanMs(breath, PHASE_ORDER)

/** Breaths a minute once the ramp is over. */
export const breathsPerMinute = (breath: PacedBreath): number => 60_000 / cycleMs(breath)

/** How many times longer than written cycle `cycle` is. */
export const cycleScale = ({ ramp }: PacedBreath, cycle: number): number =>
  ramp === null || cycle >= ramp.cycles ? 1 : ramp.from + ((1 - ramp.from) * cycle) / ramp.cycles

/** Breath time at which a cycle begins: the closed form of the sum of all scales before it. */
export const cycleStartMs = (breath: PacedBreath, cycle: number): number => {
  const { ramp } = breath
  if (ramp === null) return cycle * cycleMs(breath)
  const ramped = Math.min(cycle, ramp.cycles)
  const scales = ramp.from * ramped + ((1 - ramp.from) * ramped * (ramped - 1)) / (2 * ramp.cycles)
  return (scales + cycle - ramped) * cycleMs(breath)
}

/** The cycle in which a breath time of 0 or more falls. */
export const cycleAt = (breath: PacedBreath, breathMs: number): number => {
  let low = 0
  let high = Math.floor(breathMs / (cycleMs(breath) * Math.min(1, breath.ramp?.from ?? 1))) + 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (cycleStartMs(breath, middle) <= breathMs) low = middle
    else high = middle - 1
  }
  return low
}

/** The beats of one cycle in order; phases of length 0 are left out. */
export const beatsOfCycle = (breath: PacedBreath, cycle: number): readonly Beat[] => {
  const scale = cycleScale(breath, cycle)
  const beats: Beat[] = []
  let before = 0
  for (const kind of PHASE_ORDER) {
    const ms = phaseMs(breath, kind)
    if (ms === 0) continue
    beats.push({ kind, cycle, startMs: cycleStartMs(breath, cycle) + before * scale, durationMs: ms * scale })
    before += ms
  }
  return beats
}

/** @param breathMs milliseconds of breath time; below 0 counts as 0. */
export const phaseAt = (breath: PacedBreath, breathMs: number): Phase => {
  const at = Math.max(0, breathMs)
  const beats = beatsOfCycle(breath, cycleAt(breath, at))
  const beat = beats.findLast(({ startMs }) => startMs <= at) ?? beats[0]
  if (beat === undefined) throw new Error('a paced breath has phases')
  const done = Math.min(Math.max(at - beat.startMs, 0), beat.durationMs)
  return { ...beat, progress: done / beat.durationMs, remainingMs: beat.durationMs - done }
}

/** Breath time at which the exhale of a cycle ends. */
export const exhaleEndMs = (breath: PacedBreath, cycle: number): number =>
  cycleStartMs(breath, cycle) + cycleScale(breath, cycle) * spanMs(breath, ['in', 'sip', 'hold', 'out'])

/** Rounding of sums of scaled phases must not cost or add a cycle. */
const TOLERANCE_MS = 0.5

/** Exhales that have ended by then. */
export const completedCycles = (breath: PacedBreath, breathMs: number): number => {
  if (breathMs <= 0) return 0
  const cycle = cycleAt(breath, breathMs)
  return exhaleEndMs(breath, cycle) <= breathMs + TOLERANCE_MS ? cycle + 1 : cycle
}

/** The first end of an exhale that is not before `breathMs`. */
export const nextExhaleEndMs = (breath: PacedBreath, breathMs: number): number =>
  exhaleEndMs(breath, breathMs <= 0 ? 0 : completedCycles(breath, breathMs) - (isExhaleEnd(breath, breathMs) ? 1 : 0))

const isExhaleEnd = (breath: PacedBreath, breathMs: number): boolean => {
  const completed = completedCycles(breath, breathMs)
  return completed > 0 && Math.abs(exhaleEndMs(breath, completed - 1) - breathMs) <= TOLERANCE_MS
}
