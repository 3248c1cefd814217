import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyPaced } from '#core/breath.arbitrary.ts'
import { BUILT_IN_PATTERNS, DEFAULT_PATTERN_ID, SIT } from './built-in.ts'
import { careFor, careScreen } from './care.ts'
import { parseBreath } from './parse.ts'

const breathOf = (id: string) => {
  const pattern = BUILT_IN_PATTERNS.find((candidate) => candidate.id === id)
  if (pattern === undefined) throw new Error(id)
  return pattern.breath
}
const unseen = { careFastSeen: false, careHoldSeen: false }

test('[BR16] of the built-in patterns only 4-7-8 stands behind a screen, and box carries the under-18 line', () => {
  expect(BUILT_IN_PATTERNS.filter(({ breath }) => careScreen(breath, unseen) !== null).map(({ id }) => id)).toEqual([
    '4-7-8'
  ])
  expect(BUILT_IN_PATTERNS.filter(({ breath }) => careFor(breath).underEighteenLine).map(({ id }) => id)).toEqual([
    'box',
    '4-7-8'
  ])
  expect(careScreen(SIT.breath, unseen)).toBeNull()
})

test('[BR16] a screen that was read does not come back, and each reason is its own', () => {
  expect(careScreen(breathOf('4-7-8'), unseen)).toEqual({ fast: false, longHold: true })
  expect(careScreen(breathOf('4-7-8'), { ...unseen, careFastSeen: true })).toEqual({ fast: false, longHold: true })
  expect(careScreen(breathOf('4-7-8'), { ...unseen, careHoldSeen: true })).toBeNull()
  const quick = parseBreath({ kind: 'paced', seconds: { in: 1, out: 1 } })
  expect(quick.ok && careScreen(quick.value, { ...unseen, careHoldSeen: true })).toEqual({
    fast: true,
    longHold: false
  })
})

test('[BR16] exactly 12 a minute and a hold of exactly 4 s pass; a ramp counts with its extremes', () => {
  const paced = (seconds: object, ramp: object | null = null) => {
    const parsed = parseBreath({ kind: 'paced', seconds, ramp })
    if (!parsed.ok) throw new Error(parsed.error)
    return careFor(parsed.value)
  }
  expect(paced({ in: 2, out: 3 }).fast).toBe(false)
  expect(paced({ in: 2, out: 2.9 }).fast).toBe(true)
  expect(paced({ in: 2, out: 3 }, { from: 0.9, cycles: 10 }).fast).toBe(true)
  expect(paced({ in: 4, hold: 4, out: 4 }).longHold).toBe(false)
  expect(paced({ in: 4, hold: 4, out: 4 }, { from: 1.1, cycles: 10 }).longHold).toBe(true)
  expect(paced({ in: 4, out: 4, rest: 5 }).longHold).toBe(true)
})

test('[BR16] the gentler form has no holds, is not fast, and leaves a breath alone that needs no care', () => {
  expect(careFor(breathOf('box')).gentler).toMatchObject({ seconds: { in: 4, sip: 0, hold: 0, out: 4, rest: 0 } })
  expect(careFor(breathOf('4-6')).gentler).toBeNull()
  fc.assert(
    fc.property(anyPaced, (breath) => {
      const { gentler, ...care } = careFor(breath)
      expect(gentler === null).toBe(!care.fast && !care.underEighteenLine)
      if (gentler !== null) {
        expect(careFor(gentler)).toEqual({ fast: false, longHold: false, underEighteenLine: false, gentler: null })
        expect(parseBreath(gentler)).toEqual({ ok: true, value: gentler })
      }
    })
  )
})

test('[BR19] every built-in pattern is one a person could have written, and the default is among them', () => {
  for (const { breath } of BUILT_IN_PATTERNS) expect(parseBreath(breath)).toEqual({ ok: true, value: breath })
  expect(BUILT_IN_PATTERNS.map(({ id }) => id)).toContain(DEFAULT_PATTERN_ID)
})
