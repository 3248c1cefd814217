import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPaced, paced } from './breath.arbitrary.ts'
import { type CuePlan, cuesBetween } from './breath-cues.ts'
import { plannedEndMs } from './breath-session.ts'

const plan = (change: Partial<CuePlan>): CuePlan => ({
  breath: paced({ in: 4, out: 6 }),
  endMs: null,
  countInMs: 0,
  warmUpBell: false,
  endBell: false,
  intervalMs: null,
  ...change
})

const anyPlan: fc.Arbitrary<CuePlan> = fc
  .record({
    breath: anyPaced,
    minutes: fc.option(fc.integer({ min: 1, max: 10 })),
    countInMs: fc.integer({ min: 0, max: 30_000 }),
    warmUpBell: fc.boolean(),
    endBell: fc.boolean(),
    intervalMs: fc.option(fc.integer({ min: 1, max: 5 }).map((n) => n * 60_000))
  })
  .map(({ minutes, ...rest }) => ({
    ...rest,
    endMs: minutes === null ? null : plannedEndMs(rest.breath, { kind: 'minutes', minutes })
  }))

test('[BR10] one cue a phase, with its length, and the end bell once', () => {
  const cues = cuesBetween(plan({ endMs: 20_000, endBell: true, warmUpBell: true, countInMs: 3_000 }), -10_000, 60_000)
  expect(cues).toEqual([
    { kind: 'bell', atMs: -3_000, bell: 'warm-up' },
    { kind: 'in', atMs: 0, durationMs: 4_000 },
    { kind: 'out', atMs: 4_000, durationMs: 6_000 },
    { kind: 'in', atMs: 10_000, durationMs: 4_000 },
    { kind: 'out', atMs: 14_000, durationMs: 6_000 },
    { kind: 'bell', atMs: 20_000, bell: 'end' }
  ])
})

test('[BR10] neighbouring windows neither repeat nor miss a cue', () => {
  const cuts = fc.array(fc.integer({ min: -30_000, max: 700_000 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(anyPlan, cuts, (any, points) => {
      const edges = [-30_000, ...points.sort((a, b) => a - b), 700_000]
      const pieces = edges.slice(1).flatMap((to, i) => cuesBetween(any, edges[i] ?? 0, to))
      expect(pieces).toEqual(cuesBetween(any, -30_000, 700_000))
      expect(pieces.length).toBeGreaterThan(0)
    }),
    { numRuns: 60 }
  )
})

test('[BR10] no phase begins at or after the end', () => {
  fc.assert(
    fc.property(anyPlan, (any) => {
      const cues = cuesBetween(any, 0, 900_000)
      for (const cue of cues) if (cue.kind !== 'bell') expect(cue.durationMs).toBeGreaterThan(100)
      const end = any.endMs ?? Number.POSITIVE_INFINITY
      for (const cue of cues) if (cue.kind !== 'bell') expect(cue.atMs + cue.durationMs).toBeLessThanOrEqual(end + 1e-6)
      expect(cues.filter((cue) => cue.kind === 'bell' && cue.bell === 'end')).toHaveLength(
        any.endBell && any.endMs !== null ? 1 : 0
      )
    }),
    { numRuns: 60 }
  )
})

test('[BR11] interval bells ring at whole multiples and leave the end alone', () => {
  const bells = (change: Partial<CuePlan>) =>
    cuesBetween(plan({ breath: { kind: 'silent' }, intervalMs: 60_000, ...change }), 0, 300_000).map(({ atMs }) => atMs)
  expect(bells({})).toEqual([60_000, 120_000, 180_000, 240_000])
  expect(bells({ endMs: 180_000 })).toEqual([60_000, 120_000])
  expect(bells({ endMs: 184_000 })).toEqual([60_000, 120_000])
  expect(bells({ endMs: 190_000 })).toEqual([60_000, 120_000, 180_000])
})
