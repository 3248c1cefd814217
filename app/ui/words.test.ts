import { expect, test } from 'vitest'
import { moment, recently } from './words.ts'

test('within today the clock is enough; before that the day is said too', () => {
  const noon = new Date(2026, 10, 21, 12, 0).getTime()
  const hour = 3_600_000
  expect(moment(noon)).toContain(recently(noon, noon + hour))
  expect(recently(noon, noon + hour)).not.toContain('2026')
  expect(recently(noon, noon + 13 * hour)).toBe(moment(noon))
})
