import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPaced, paced } from './breath.arbitrary.ts'
import { type PacedBreath, PHASE_ORDER } from './breath.ts'
import {
  beatsOfCycle,
  breathsPerMinute,
  completedCycles,
  cycleAt,
  cycleMs,
  cycleScale,
  cycleStartMs,
  exhaleEndMs,
  nextExhaleEndMs,
  phaseAt
} from './breath-cycle.ts'

test('[BR1] a cycle is in, sip, hold, out, rest, and phases of no length are left out', () => {
  expect(beatsOfCycle(paced({ in: 4, hold: 7, out: 8 }), 0).map(({ kind, durationMs }) => [kind, durationMs])).toEqual([
    ['in', 4000],
    ['hold', 7000],
    ['out', 8000]
  ])
  expect(beatsOfCycle(paced({ in: 2, sip: 1, out: 6 }), 3).map(({ kind, startMs }) => [kind, startMs])).toEqual([
    ['in', 27_000],
    ['sip', 29_000],
    ['out', 30_000]
  ])
  expect(breathsPerMinute(paced({ in: 4, out: 6 }))).toBe(6)
})

test('[BR1] the beats of neighbouring cycles meet without gap or overlap', () => {
  fc.assert(
    fc.property(anyPaced, fc.integer({ min: 0, max: 400 }), (breath, cycle) => {
      const beats = [...beatsOfCycle(breath, cycle), ...beatsOfCycle(breath, cycle + 1).slice(0, 1)]
      expect(beats[0]?.startMs).toBeCloseTo(cycleStartMs(breath, cycle), 3)
      for (const [i, beat] of beats.slice(0, -1).entries()) {
        expect(beat.durationMs).toBeGreaterThan(0)
        expect(beats[i + 1]?.startMs).toBeCloseTo(beat.startMs + beat.durationMs, 3)
      }
    })
  )
})

test('[BR2] the phase at a time is the beat that covers it, with progress and rest that agree', () => {
  fc.assert(
    fc.property(anyPaced, fc.double({ min: 0, max: 7_200_000, noNaN: true }), (breath, at) => {
      const phase = phaseAt(breath, at)
      expect(phase.startMs).toBeLessThanOrEqual(at + 1e-3)
      expect(phase.startMs + phase.durationMs).toBeGreaterThanOrEqual(at - 1e-3)
      expect(phase.progress * phase.durationMs + phase.remainingMs).toBeCloseTo(phase.durationMs, 3)
      expect(PHASE_ORDER).toContain(phase.kind)
      expect(phase.cycle).toBe(cycleAt(breath, at))
    })
  )
})

test('[BR2] box breathing, read off at its corners', () => {
  const box = paced({ in: 4, hold: 4, out: 4, rest: 4 })
  const at = (ms: number) => [phaseAt(box, ms).kind, phaseAt(box, ms).cycle, phaseAt(box, ms).progress]
  expect(at(0)).toEqual(['in', 0, 0])
  expect(at(3999)).toEqual(['in', 0, 0.99975])
  expect(at(4000)).toEqual(['hold', 0, 0])
  expect(at(10_000)).toEqual(['out', 0, 0.5])
  expect(at(15_000)).toEqual(['rest', 0, 0.75])
  expect(at(16_000)).toEqual(['in', 1, 0])
  expect(at(-500)).toEqual(['in', 0, 0])
})

test('[BR7] a ramp stretches cycle by cycle in a straight line, and its start times are the sum of the cycles before', () => {
  const breath: PacedBreath = { ...paced({ in: 4, out: 6 }), ramp: { from: 0.5, cycles: 4 } }
  expect([0, 1, 2, 3, 4, 9].map((cycle) => cycleScale(breath, cycle))).toEqual([0.5, 0.625, 0.75, 0.875, 1, 1])
  fc.assert(
    fc.property(anyPaced, fc.integer({ min: 1, max: 60 }), (any, cycles) => {
      let sum = 0
      for (let cycle = 0; cycle < cycles; cycle++) sum += cycleScale(any, cycle) * cycleMs(any)
      expect(cycleStartMs(any, cycles)).toBeCloseTo(sum, 3)
    })
  )
})

test('[BR3] the next end of an exhale is one, is not before, and no earlier one would do', () => {
  fc.assert(
    fc.property(anyPaced, fc.integer({ min: 0, max: 3_600_000 }), (breath, at) => {
      const end = nextExhaleEndMs(breath, at)
      expect(end).toBeGreaterThanOrEqual(at - 0.5)
      const cycle = completedCycles(breath, end) - 1
      expect(exhaleEndMs(breath, cycle)).toBeCloseTo(end, 3)
      if (cycle > 0) expect(exhaleEndMs(breath, cycle - 1)).toBeLessThan(at + 0.5)
    })
  )
})

test('[BR4] cycles are counted by exhales that ended', () => {
  const breath = paced({ in: 4, out: 6, rest: 2 })
  expect([0, 9_999, 10_000, 11_999, 21_999, 22_000].map((at) => completedCycles(breath, at))).toEqual([
    0, 0, 1, 1, 1, 2
  ])
})
