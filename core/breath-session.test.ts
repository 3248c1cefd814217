import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPaced, paced } from './breath.arbitrary.ts'
import { completedCycles, cycleMs, cycleScale, exhaleEndMs, phaseAt } from './breath-cycle.ts'
import {
  beginSpan,
  breathMsAt,
  countInSeconds,
  endSpan,
  gentleEndMs,
  plannedEndMs,
  practisedMs,
  resumeSpan
} from './breath-session.ts'

test('[BR3] planned minutes are rounded up to the end of the exhale, by less than two cycles', () => {
  expect(plannedEndMs(paced({ in: 4, out: 6 }), { kind: 'minutes', minutes: 5 })).toBe(300_000)
  expect(plannedEndMs(paced({ in: 4, hold: 7, out: 8 }), { kind: 'minutes', minutes: 1 })).toBe(76_000)
  fc.assert(
    fc.property(anyPaced, fc.integer({ min: 1, max: 60 }), (breath, minutes) => {
      const end = plannedEndMs(breath, { kind: 'minutes', minutes }) ?? Number.NaN
      expect(end).toBeGreaterThanOrEqual(minutes * 60_000 - 0.5)
      const cycles = completedCycles(breath, end)
      expect(end).toBeCloseTo(exhaleEndMs(breath, cycles - 1), 3)
      const longest =
        cycleMs(breath) * Math.max(cycleScale(breath, cycles - 1), cycleScale(breath, Math.max(0, cycles - 2)))
      expect(end - minutes * 60_000).toBeLessThanOrEqual(longest + 0.5)
    })
  )
})

test('[BR4] planned cycles end with the last exhale, without the rest after it', () => {
  const box = paced({ in: 4, hold: 4, out: 4, rest: 4 })
  expect(plannedEndMs(box, { kind: 'cycles', cycles: 3 })).toBe(2 * 16_000 + 12_000)
  expect(plannedEndMs(box, { kind: 'open' })).toBeNull()
})

test('[BR4] silence ends on the minute, and without a guide cycles plan no time', () => {
  expect(plannedEndMs({ kind: 'silent' }, { kind: 'minutes', minutes: 20 })).toBe(1_200_000)
  expect(plannedEndMs({ kind: 'free' }, { kind: 'cycles', cycles: 9 })).toBeNull()
})

test('[BR5] a gentle early finish lets the breath go: at once in a rest, else at the end of this exhale, never past the plan', () => {
  const box = paced({ in: 4, hold: 4, out: 4, rest: 4 })
  expect(gentleEndMs(box, 1_000, null)).toBe(12_000)
  expect(gentleEndMs(box, 11_000, null)).toBe(12_000)
  expect(gentleEndMs(box, 13_500, null)).toBe(13_500)
  fc.assert(
    fc.property(
      anyPaced,
      fc.integer({ min: 0, max: 3_000_000 }),
      fc.integer({ min: 1, max: 60 }),
      (breath, at, minutes) => {
        const planned = plannedEndMs(breath, { kind: 'minutes', minutes }) ?? 0
        const end = gentleEndMs(breath, Math.min(at, planned), planned)
        expect(end).toBeLessThanOrEqual(planned)
        expect(end).toBeGreaterThanOrEqual(Math.min(at, planned) - 0.5)
        const during = phaseAt(breath, Math.max(0, end - 1)).kind
        expect(['out', 'rest']).toContain(during)
      }
    )
  )
})

test('[BR6] while it is paused no breath time passes, and the interrupted cycle begins again with an inhale', () => {
  const breath = paced({ in: 4, out: 6 })
  const running = beginSpan(1_000, 0)
  expect(breathMsAt(running, 24_000)).toBe(23_000)
  const pausedSpans = endSpan(running, 24_000)
  expect(breathMsAt(pausedSpans, 999_000)).toBe(23_000)
  const resumed = resumeSpan(breath, pausedSpans, 100_000, 3_000)
  expect(breathMsAt(resumed, 101_000)).toBe(-2_000)
  expect(breathMsAt(resumed, 103_000)).toBe(20_000)
  expect(phaseAt(breath, breathMsAt(resumed, 103_000))).toMatchObject({ kind: 'in', cycle: 2, progress: 0 })
  expect(practisedMs(resumed, 104_000)).toBe(24_000)
})

test('[BR6] a pause inside the count-in practises nothing and loses nothing', () => {
  const cut = endSpan(beginSpan(0, 5_000), 2_000)
  expect(practisedMs(cut, 60_000)).toBe(0)
  expect(breathMsAt(resumeSpan(paced({ in: 4, out: 6 }), cut, 60_000, 0), 61_500)).toBe(1_500)
})

test('[BR6] practised time is the sum of the spans, whatever the pauses', () => {
  const pauses = fc.array(fc.record({ run: fc.nat(90_000), rest: fc.nat(90_000) }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(anyPaced, pauses, (breath, steps) => {
      let now = 0
      let spans = beginSpan(now, 0)
      for (const { run, rest } of steps) {
        now += run
        spans = endSpan(spans, now)
        now += rest
        spans = resumeSpan(breath, spans, now, 0)
      }
      expect(practisedMs(spans, now)).toBe(steps.reduce((sum, { run }) => sum + run, 0))
      expect(phaseAt(breath, breathMsAt(spans, now)).kind).toBe('in')
    })
  )
})

test('[BR12] the count-in shows whole seconds that are still to wait', () => {
  expect([0, 1, 999, 1_000, 2_000, 3_000].map((now) => countInSeconds(3_000, now))).toEqual([3, 3, 3, 2, 1, 0])
  expect(countInSeconds(3_000, 60_000)).toBe(0)
})
