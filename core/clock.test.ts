import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  deviceClock,
  estimateOffset,
  followEstimate,
  MAX_SLEW,
  type Probe,
  probeOffset,
  probeRoundTrip,
  sleptBetween,
  syncedNow
} from './clock.ts'

const probe = (sent: number, offset: number, there: number, back: number, held = 0): Probe => ({
  t0: sent,
  t1: sent + there + offset,
  t2: sent + there + held + offset,
  t3: sent + there + held + back
})
const awake = { slept: false, boundaryMonoMs: null }

test('[BR13] a probe over equal ways gives the exact offset, over unequal ones half the difference more', () => {
  expect(probeOffset(probe(1_000, 5_000, 20, 20, 3))).toBe(5_000)
  expect(probeRoundTrip(probe(1_000, 5_000, 20, 30, 3))).toBe(50)
  expect(probeOffset(probe(1_000, 5_000, 20, 30))).toBe(4_995)
})

test('[BR13] the estimate is the mean of the best quarter by round trip, within its stated uncertainty', () => {
  const ways = fc.array(fc.record({ there: fc.nat(400), back: fc.nat(400) }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(ways, fc.integer({ min: -1e9, max: 1e9 }), (trips, offset) => {
      const estimate = estimateOffset(trips.map(({ there, back }, i) => probe(i * 1_000, offset, there, back)))
      expect(estimate).not.toBeNull()
      expect(Math.abs((estimate?.offsetMs ?? 0) - offset)).toBeLessThanOrEqual((estimate?.uncertaintyMs ?? 0) + 1e-6)
      const best = trips.map(({ there, back }) => there + back).sort((a, b) => a - b)[Math.ceil(trips.length / 4) - 1]
      expect(estimate?.uncertaintyMs).toBeCloseTo((best ?? 0) / 2, 6)
    })
  )
  expect(estimateOffset([])).toBeNull()
  expect(estimateOffset([{ t0: 10, t1: 0, t2: 50, t3: 20 }])).toBeNull()
})

test('[BR14] later corrections slew by 2 % at most and time never runs backwards', () => {
  const steps = fc.array(
    fc.record({ after: fc.integer({ min: 1, max: 20_000 }), offset: fc.integer({ min: -3_000, max: 3_000 }) }),
    {
      minLength: 1,
      maxLength: 20
    }
  )
  fc.assert(
    fc.property(steps, (list) => {
      let mono = 0
      let clock = followEstimate(deviceClock(0, 0), { offsetMs: 0, uncertaintyMs: 1 }, { monoMs: 0, ...awake })
      for (const { after, offset } of list) {
        const before = syncedNow(clock, mono)
        mono += after
        const passed = syncedNow(clock, mono) - before
        expect(passed).toBeGreaterThanOrEqual(after * (1 - MAX_SLEW) - 1e-6)
        expect(passed).toBeLessThanOrEqual(after * (1 + MAX_SLEW) + 1e-6)
        const now = syncedNow(clock, mono)
        clock = followEstimate(clock, { offsetMs: offset, uncertaintyMs: 1 }, { monoMs: mono, ...awake })
        expect(syncedNow(clock, mono)).toBeCloseTo(now, 6)
      }
      const last = list.at(-1)?.offset ?? 0
      expect(syncedNow(clock, mono + 1_000_000)).toBeCloseTo(mono + 1_000_000 + last, 6)
    })
  )
})

test('[BR15] the first offset steps at once when nobody breathes', () => {
  const clock = followEstimate(
    deviceClock(1_000_000, 0),
    { offsetMs: 1_000_400, uncertaintyMs: 5 },
    { monoMs: 10, ...awake }
  )
  expect(clock.source).toBe('relay')
  expect(syncedNow(clock, 10)).toBe(1_000_410)
})

test('[BR15] in a running session the first offset, and the one after sleep, waits for the cycle boundary', () => {
  const boundary = { monoMs: 10, slept: false, boundaryMonoMs: 7_000 }
  const clock = followEstimate(deviceClock(1_000_000, 0), { offsetMs: 1_000_400, uncertaintyMs: 5 }, boundary)
  expect(syncedNow(clock, 6_999)).toBe(1_006_999)
  expect(syncedNow(clock, 7_000)).toBe(1_007_400)
  const again = followEstimate(clock, { offsetMs: 1_000_390, uncertaintyMs: 5 }, { ...boundary, monoMs: 100 })
  expect(syncedNow(again, 6_999)).toBe(1_006_999)
  expect(syncedNow(again, 7_000)).toBe(1_007_390)
  const slept = followEstimate(
    again,
    { offsetMs: 1_060_000, uncertaintyMs: 5 },
    { monoMs: 8_000, slept: true, boundaryMonoMs: 9_000 }
  )
  expect(syncedNow(slept, 8_999)).toBe(1_009_389)
  expect(syncedNow(slept, 9_000)).toBe(1_069_000)
})

test('[BR15] sleep shows as wall time that the monotonic clock did not see', () => {
  expect(sleptBetween({ wallMs: 0, monoMs: 0 }, { wallMs: 60_000, monoMs: 59_900 })).toBe(false)
  expect(sleptBetween({ wallMs: 0, monoMs: 0 }, { wallMs: 60_000, monoMs: 4_000 })).toBe(true)
})
