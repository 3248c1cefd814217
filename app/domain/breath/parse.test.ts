import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPaced } from '#core/breath.arbitrary.ts'
import { parseBreath, parseOwnPattern, parsePlan } from './parse.ts'

test('[BR19] what a person may write comes back as it was written', () => {
  fc.assert(
    fc.property(anyPaced, fc.string({ maxLength: 80 }), (breath, name) => {
      const plan = { kind: 'cycles' as const, cycles: 12 }
      const read = parseOwnPattern('id', JSON.parse(JSON.stringify({ name, breath, plan })))
      expect(read).toEqual({ ok: true, value: { id: 'id', name, breath, plan, origin: 'own' } })
    })
  )
})

test('[BR19] a breath out of range is refused by name', () => {
  const paced = (seconds: object, ramp?: unknown) => parseBreath({ kind: 'paced', seconds, ramp })
  const error = (result: ReturnType<typeof parseBreath>) => (result.ok ? null : result.error)
  expect(error(paced({ in: 0, out: 6 }))).toBe('phase-out-of-range')
  expect(error(paced({ in: 4, out: 0.1 }))).toBe('phase-out-of-range')
  expect(error(paced({ in: 4, out: 61 }))).toBe('phase-out-of-range')
  expect(error(paced({ in: 4, out: Number.NaN }))).toBe('phase-out-of-range')
  expect(error(paced({ in: 4, out: '6' }))).toBe('phase-out-of-range')
  expect(error(paced({ in: 4, out: 6 }, { from: 0, cycles: 3 }))).toBe('ramp-out-of-range')
  expect(error(paced({ in: 4, out: 6 }, { from: 2, cycles: 1.5 }))).toBe('ramp-out-of-range')
  expect(error(parseBreath({ kind: 'holotropic' }))).toBe('malformed')
})

test('[BR19] a plan out of range is refused', () => {
  for (const plan of [
    { kind: 'minutes', minutes: 0 },
    { kind: 'cycles', cycles: 1.5 },
    { kind: 'minutes', minutes: 1e9 }
  ]) {
    expect(parsePlan(plan)).toEqual({ ok: false, error: 'plan-out-of-range' })
  }
})

test('[BR19] no input at all throws', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const result of [parseBreath(value), parsePlan(value), parseOwnPattern('id', value)]) {
        expect(typeof result.ok).toBe('boolean')
      }
    })
  )
})
