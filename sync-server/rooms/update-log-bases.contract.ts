import { expect, test } from 'vitest'
import {
  a,
  appendTo,
  b,
  baseTo,
  bytes,
  headOf,
  NO_STAGE,
  outcome,
  type Place,
  replace,
  rowsOf,
  value,
  withLog
} from './update-log-verbs.contract.ts'

/** Bases: staged, adopted, replaced. */
export const updateLogBases = (place: Place): void => {
  test('[UL5] a staged base is there to be read and replaces nothing', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'one', 'two')
      const before = value(await log.load(a))
      value(await log.stage(a, baseTo(2)))
      expect(value(await log.load(a))).toEqual(before)
      expect((await rowsOf(log, a)).length).toBe(2)
      expect(value(await log.readBase(a, 2))).toEqual(baseTo(2).bytes)
      expect(value(await log.readBase(a, 1))).toBeUndefined()
    }))

  test('[UL6] an adopted base takes the place of the old one and of its rows', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'one', 'two', 'three')
      await appendTo(log, b, 'eins')
      await replace(log, a, 0, baseTo(2))
      expect(value(await log.load(a))).toEqual({ head: 3, base: headOf(baseTo(2)), tailBytes: 5, tailRows: 1 })
      expect(await rowsOf(log, a)).toEqual([[3, 'three']])
      expect(value(await log.readBase(a, 2))).toEqual(baseTo(2).bytes)
      await replace(log, a, 2, baseTo(3))
      expect(value(await log.load(a))).toEqual({ head: 3, base: headOf(baseTo(3)), tailBytes: 0, tailRows: 0 })
      expect(value(await log.readBase(a, 2))).toBeUndefined()
      expect(value(await log.readBase(a, 3))).toEqual(baseTo(3).bytes)
      expect(await rowsOf(log, a)).toEqual([])
      expect(await appendTo(log, a, 'four')).toEqual([4])
      expect(await rowsOf(log, b)).toEqual([[1, 'eins']])
    }))

  test('[UL7] only who expects the current base, and staged the next, replaces it', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'one', 'two', 'three')
      expect(outcome(await log.adopt(a, 0, NO_STAGE))).toBe('cas')
      const second = value(await log.stage(a, baseTo(2)))
      const before = value(await log.load(a))
      expect(outcome(await log.adopt(a, 1, second))).toBe('cas')
      expect(outcome(await log.adopt(a, 0, NO_STAGE))).toBe('cas')
      expect(value(await log.load(a))).toEqual(before)
      value(await log.adopt(a, 0, second))
      expect(outcome(await log.adopt(a, 0, second))).toBe('cas')
      expect(outcome(await log.adopt(a, 2, second))).toBe('cas')
      const third = value(await log.stage(a, baseTo(3)))
      expect(outcome(await log.adopt(a, 0, third))).toBe('cas')
      expect(value(await log.load(a)).base?.upto).toBe(2)
      value(await log.adopt(a, 2, third))
    }))

  test('[UL23] of two who staged up to one seq nobody adopts what the other staged', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'one', 'two', 'three')
      const mine = value(await log.stage(a, baseTo(2, bytes('built by the one'))))
      const theirs = value(await log.stage(a, baseTo(2, bytes('built by the other'))))
      expect(outcome(await log.adopt(a, 0, mine))).toBe('cas')
      expect(value(await log.load(a)).base).toBeUndefined()
      value(await log.adopt(a, 0, theirs))
      expect(value(await log.readBase(a, 2))).toEqual(bytes('built by the other'))
    }))

  test('[UL8] a base that ends beyond the head or not after the current one is not staged', () =>
    withLog(place, async (log) => {
      expect(outcome(await log.stage(a, baseTo(1)))).toBe('cas')
      await appendTo(log, a, 'one', 'two', 'three')
      expect(outcome(await log.stage(a, baseTo(4)))).toBe('cas')
      expect(outcome(await log.stage(a, baseTo(0)))).toBe('cas')
      await replace(log, a, 0, baseTo(2))
      for (const upto of [1, 2, 4]) expect(outcome(await log.stage(a, baseTo(upto)))).toBe('cas')
      expect(value(await log.readBase(a, 2))).toEqual(baseTo(2).bytes)
    }))

  test('[UL9] staging again drops what was staged', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'one', 'two', 'three')
      const dropped = value(await log.stage(a, baseTo(2)))
      value(await log.stage(a, baseTo(3)))
      expect(value(await log.readBase(a, 2))).toBeUndefined()
      expect(outcome(await log.adopt(a, 0, dropped))).toBe('cas')
      await replace(log, a, 0, baseTo(3, bytes('another base to 3')))
      expect(value(await log.readBase(a, 3))).toEqual(bytes('another base to 3'))
    }))

  test('[UL10] a large base comes back whole, and nobody waits for it', () =>
    withLog(place, async (log) => {
      const large = (seed: number) => new Uint8Array(5_000_003).map((_, index) => (index * seed) % 251)
      await appendTo(log, a, 'one')
      const staging = log.stage(a, baseTo(1, large(3)))
      const seqs = await Promise.all(['two', 'three', 'four'].map((text) => appendTo(log, a, text)))
      expect(seqs).toEqual([[2], [3], [4]])
      const first = value(await staging)
      expect(Buffer.compare(value(await log.readBase(a, 1)) ?? bytes(''), large(3))).toBe(0)
      value(await log.adopt(a, 0, first))
      expect(await appendTo(log, a, 'five')).toEqual([5])
      const fifth = value(await log.stage(a, baseTo(5, large(5))))
      const [read, adopted] = await Promise.all([log.readBase(a, 1), log.adopt(a, 1, fifth)])
      value(adopted)
      // Whoever reads the old base while it goes gets all of it or nothing.
      const old = value(read)
      if (old !== undefined) expect(Buffer.compare(old, large(3))).toBe(0)
      expect(Buffer.compare(value(await log.readBase(a, 5)) ?? bytes(''), large(5))).toBe(0)
      expect(value(await log.readBase(a, 1))).toBeUndefined()
      expect(value(await log.load(a))).toMatchObject({ head: 5, tailRows: 0 })
    }))
}
