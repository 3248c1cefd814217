import { expect, test } from 'vitest'
import {
  a,
  appendTo,
  b,
  baseTo,
  bytes,
  EMPTY,
  headOf,
  outcome,
  type Place,
  replace,
  rowsOf,
  value,
  withLog
} from './update-log-verbs.contract.ts'

/** Quotas, full disks, and opening again. */
export const updateLogSpace = (place: Place): void => {
  test('[UL11] a full room refuses, its neighbours go on, a smaller base makes room', () =>
    withLog(
      place,
      async (log) => {
        await appendTo(log, a, 'x'.repeat(400), 'y'.repeat(400))
        const results = await log.append([
          { room: a, bytes: bytes('z', 201) },
          { room: b, bytes: bytes('z', 201) },
          { room: a, bytes: bytes('small', 100) }
        ])
        expect(results.map(outcome)).toEqual(['room-full', 'accepted', 'accepted'])
        expect(value(results[2]).seq).toBe(3)
        expect(outcome(await log.stage(a, baseTo(2, bytes('s', 1_001))))).toBe('room-full')
        await replace(log, a, 0, baseTo(2, bytes('s', 100)))
        expect(outcome((await log.append([{ room: a, bytes: bytes('z', 801) }]))[0])).toBe('room-full')
        expect(outcome((await log.append([{ room: a, bytes: bytes('z', 800) }]))[0])).toBe('accepted')
        expect(value(await log.load(a))).toMatchObject({ head: 4, tailBytes: 900 })
      },
      1_000
    ))

  test('[UL12] what was accepted is there after opening again', async () => {
    await using at = await place()
    const first = await at.open()
    await appendTo(first, a, 'one', 'two', 'three')
    await replace(first, a, 0, baseTo(1))
    value(await first.stage(a, baseTo(2)))
    await appendTo(first, b, 'eins')
    await first.close()
    const second = await at.open()
    expect(value(await second.load(a))).toEqual({ head: 3, base: headOf(baseTo(1)), tailBytes: 8, tailRows: 2 })
    expect(await rowsOf(second, a)).toEqual([
      [2, 'two'],
      [3, 'three']
    ])
    expect(value(await second.readBase(a, 1))).toEqual(baseTo(1).bytes)
    await replace(second, a, 1, baseTo(3))
    expect(await appendTo(second, a, 'four')).toEqual([4])
    expect(await appendTo(second, b, 'zwei')).toEqual([2])
    await second.close()
    const third = await at.open()
    expect(value(await third.load(a))).toEqual({ head: 4, base: headOf(baseTo(3)), tailBytes: 4, tailRows: 1 })
    await third.close()
  })

  test('[UL13] a full disk refuses, keeps nothing, and recovers', () =>
    withLog(place, async (log, at) => {
      await appendTo(log, a, 'one')
      const giveBack = await at.fill()
      const noise = bytes('noise', 500_000)
      const refused = await log.append([
        { room: a, bytes: noise },
        { room: b, bytes: noise }
      ])
      for (const each of refused) expect(['relay-full', 'store']).toContain(outcome(each))
      expect(['relay-full', 'store']).toContain(outcome(await log.stage(a, baseTo(1, noise))))
      expect(await rowsOf(log, a)).toEqual([[1, 'one']])
      expect(value(await log.load(a))).toMatchObject({ head: 1, tailBytes: 3 })
      expect(value(await log.load(b))).toEqual(EMPTY)
      await giveBack()
      expect(value((await log.append([{ room: a, bytes: noise }]))[0]).seq).toBe(2)
      await replace(log, a, 0, baseTo(1, noise))
    }))
}
