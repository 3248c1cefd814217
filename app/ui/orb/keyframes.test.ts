import { expect, test } from 'vitest'
import type { PacedBreath } from '#core/breath.ts'
import { layerFrames, riderFrames, wavePath } from './keyframes.ts'

const box: PacedBreath = { kind: 'paced', seconds: { in: 4, sip: 0, hold: 4, out: 4, rest: 4 }, ramp: null }

test('layers move by transform and opacity only, as the performance bar needs', () => {
  for (const frame of layerFrames(box, { from: 0.5, to: 1 }, { from: 0.4, to: 1 }))
    expect(Object.keys(frame).sort()).toEqual(['offset', 'opacity', 'transform'])
  for (const frame of riderFrames(box)) expect(Object.keys(frame).sort()).toEqual(['offset', 'transform'])
})

test('a layer is smallest before the inhale, largest through the hold, smallest again after the exhale', () => {
  const scaleAt = (offset: number): unknown =>
    layerFrames(box, { from: 0.5, to: 1 }, null).find((f) => f.offset === offset)?.transform
  expect(scaleAt(0)).toBe('scale(0.5000)')
  expect(scaleAt(0.25)).toBe('scale(1.0000)')
  expect(scaleAt(0.5)).toBe('scale(1.0000)')
  expect(scaleAt(0.75)).toBe('scale(0.5000)')
  expect(scaleAt(1)).toBe('scale(0.5000)')
})

test('the wave repeats without a break where two cycles meet', () => {
  const path = wavePath(box, 2, 100, 10)
  expect(path.startsWith('M0.00 0.00L') || path.startsWith('M0.00 -0.00L')).toBe(true)
  expect(path.match(/(?<!\d)100\.00 -?0\.00/g)?.length).toBe(1)
  expect(path).toContain('25.00 -10.00')
  expect(path).toContain('125.00 -10.00')
})
