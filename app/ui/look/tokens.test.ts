import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { contrast, oklchToRgb, resolveColor, type Theme, tokensOf } from './contrast.ts'

const css = readFileSync(fileURLToPath(new URL('tokens.css', import.meta.url)), 'utf8')
const themes: readonly Theme[] = ['paper', 'night', 'black']
const surfaces = ['--surface', '--surface-high', '--surface-low'] as const
const texts = [
  '--ink',
  '--ink-soft',
  '--light-ink',
  '--careful',
  '--safe',
  '--phase-in',
  '--phase-hold',
  '--phase-out'
] as const
/** WCAG 1.4.11: what is not text but must be seen. */
const marks = ['--edge', '--focus', '--line'] as const

describe.each(themes)('the %s room', (theme) => {
  const tokens = tokensOf(css, theme)
  const color = (name: string) => resolveColor(tokens, name, theme)

  for (const surface of surfaces) {
    for (const text of texts)
      test(`${text} reads on ${surface} (4.5:1)`, () => {
        expect(contrast(color(text), color(surface))).toBeGreaterThanOrEqual(4.5)
      })
    for (const mark of marks)
      test(`${mark} shows on ${surface} (3:1)`, () => {
        expect(contrast(color(mark), color(surface))).toBeGreaterThanOrEqual(3)
      })
  }

  test('--on-light reads on the light (4.5:1)', () => {
    expect(contrast(color('--on-light'), color('--light'))).toBeGreaterThanOrEqual(4.5)
  })

  test('text is never pure white', () => {
    const { r, g, b } = color('--ink')
    expect(Math.min(r, g, b)).toBeLessThan(0.95)
  })
})

test('every colour token that means something resolves in every theme', () => {
  for (const theme of themes) {
    const tokens = tokensOf(css, theme)
    for (const name of [...surfaces, ...texts, ...marks, '--light', '--on-light'])
      expect(() => resolveColor(tokens, name, theme), `${name} in ${theme}`).not.toThrow()
  }
})

test('the colour maths agrees with known values', () => {
  expect(contrast(oklchToRgb(1, 0, 0), oklchToRgb(0, 0, 0))).toBeCloseTo(21, 1)
  const red = oklchToRgb(0.627955, 0.257683, 29.2339)
  expect(red.r).toBeCloseTo(1, 2)
  expect(red.g).toBeCloseTo(0, 2)
})
