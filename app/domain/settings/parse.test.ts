import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acceptsSetting, DEFAULT_SETTINGS, SETTING_KEYS, settingsFrom } from './parse.ts'

test('[JR4] every default is a value that may be kept', () => {
  for (const key of SETTING_KEYS) expect([key, acceptsSetting(key, DEFAULT_SETTINGS[key])]).toEqual([key, true])
})

test('[JR4] one unreadable value costs one wish, not all', () => {
  const kept: Record<string, unknown> = { theme: 'aurora', volumeCue: 0.8, look: 'ring', countIn: 99 }
  expect(settingsFrom((key) => kept[key])).toEqual({ ...DEFAULT_SETTINGS, volumeCue: 0.8, look: 'ring' })
})

test('[JR4] whatever is kept, settings are whole', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...SETTING_KEYS), fc.anything()), (kept) => {
      const settings = settingsFrom((key) => kept[key])
      for (const key of SETTING_KEYS) expect(acceptsSetting(key, settings[key])).toBe(true)
    })
  )
})
