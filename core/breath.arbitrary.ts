import fc from 'fast-check'
import type { PacedBreath, PhaseSeconds } from './breath.ts'

/** A paced breath from the phases that matter to a test. */
export const paced = (seconds: Partial<PhaseSeconds>): PacedBreath => ({
  kind: 'paced',
  seconds: { in: 0, sip: 0, hold: 0, out: 0, rest: 0, ...seconds },
  ramp: null
})

const tenths = (min: number, max: number) => fc.integer({ min: min * 10, max: max * 10 }).map((n) => n / 10)
const sometimes = (min: number, max: number) => fc.oneof(fc.constant(0), tenths(min, max))

/** Any breath a person may write, ramps included. */
export const anyPaced: fc.Arbitrary<PacedBreath> = fc.record({
  kind: fc.constant('paced' as const),
  seconds: fc.record({
    in: tenths(1, 15),
    sip: sometimes(0.5, 4),
    hold: sometimes(0.5, 20),
    out: tenths(1, 20),
    rest: sometimes(0.5, 20)
  }),
  ramp: fc.option(fc.record({ from: tenths(0.4, 2.5), cycles: fc.integer({ min: 1, max: 60 }) }))
})
