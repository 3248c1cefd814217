import { MARKS } from './sql-marks.ts'

/** What no two histories have in common: 48 random bits, not 0. */
export const anyMark = (): number => {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  return ((high * 0x10000 + (low & 0xffff)) % (MARKS - 1)) + 1
}

/** @param step as the append was told */
export const markBefore = (mark: number, step: number): number => (mark - step + MARKS) % MARKS
