import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPaced, paced } from './breath.arbitrary.ts'
import { cycleMs, phaseAt } from './breath-cycle.ts'
import { breathLevel, levelFrames, orbScale, phaseFrames } from './breath-look.ts'

test('[BR8] the level rises on a half sine, is still in holds, and falls back', () => {
  const breath = paced({ in: 4, hold: 2, out: 4, rest: 2 })
  const level = (ms: number) => breathLevel(breath, phaseAt(breath, ms))
  expect(level(0)).toBe(0)
  expect(level(1_000)).toBeCloseTo((1 - Math.SQRT1_2) / 2, 9)
  expect(level(2_000)).toBeCloseTo(0.5, 9)
  expect([4_000, 5_000, 5_999].map(level)).toEqual([1, 1, 1])
  expect(level(8_000)).toBeCloseTo(0.5, 9)
  expect([10_000, 11_500].map(level)).toEqual([0, 0])
  expect(orbScale(0.5, 0.4, 1)).toBeCloseTo(0.7, 9)
})

test('[BR8] a double inhale fills in two steps', () => {
  const sigh = paced({ in: 2, sip: 1, out: 6 })
  expect(breathLevel(sigh, phaseAt(sigh, 2_000))).toBeCloseTo(2 / 3, 9)
  expect(breathLevel(sigh, phaseAt(sigh, 3_000))).toBe(1)
})

test('[BR8] the level never jumps', () => {
  fc.assert(
    fc.property(anyPaced, fc.double({ min: 0, max: 600_000, noNaN: true }), (breath, at) => {
      const level = (ms: number) => breathLevel(breath, phaseAt(breath, ms))
      // Steepest slope of a half sine over the shortest phase (0.5 s x 0.4) is pi / 2 / 200 ms.
      expect(Math.abs(level(at + 1) - level(at))).toBeLessThan(0.01)
    })
  )
})

test('[BR9] keyframes run from 0 to 1 in order and lie within 1 % of the sine between them', () => {
  fc.assert(
    fc.property(anyPaced, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (ramped, offset) => {
      const breath = { ...ramped, ramp: null }
      const frames = levelFrames(breath)
      expect(frames[0]).toEqual({ offset: 0, level: 0 })
      expect(frames.at(-1)?.offset).toBeCloseTo(1, 9)
      expect(frames.at(-1)?.level).toBeCloseTo(0, 9)
      const after = frames.findIndex((frame, i) => i > 0 && frame.offset >= offset)
      const [a, b] = [frames[after - 1], frames[after]]
      // Sums of offsets may end a hair before 1.
      fc.pre(a !== undefined && b !== undefined)
      if (a === undefined || b === undefined) return
      expect(b.offset).toBeGreaterThan(a.offset)
      const drawn = a.level + ((b.level - a.level) * (offset - a.offset)) / (b.offset - a.offset)
      expect(Math.abs(drawn - breathLevel(breath, phaseAt(breath, offset * cycleMs(breath))))).toBeLessThan(0.01)
    })
  )
})

test('[BR9] phase frames cover the cycle', () => {
  expect(phaseFrames(paced({ in: 4, out: 6 }))).toEqual([
    { kind: 'in', from: 0, to: 0.4 },
    { kind: 'out', from: 0.4, to: 1 }
  ])
})
