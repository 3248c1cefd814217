import { expect, test } from 'vitest'
import type { RoomPlace, UpdateLog } from './open-ports.ts'
import { a, appendTo, b, baseTo, bytes, outcome, type Place, value, withLog } from './update-log-verbs.contract.ts'

/** Marks: what tells a room's history from another that the store came to hold once it was put back. */
export const updateLogHistory = (place: Place): void => {
  const headOf = async (log: UpdateLog): Promise<RoomPlace | undefined> => value(await log.heads([a]))[0]
  const append = async (log: UpdateLog, ...texts: readonly string[]) =>
    (await log.append(texts.map((text) => ({ room: a, bytes: bytes(text) })))).map((each) => value(each))

  test('[UL22] a place keeps its mark, whoever tells of it, and a reader who knows another is told so', () =>
    withLog(place, async (log) => {
      expect(value(await log.heads([a]))).toEqual([{ seq: 0, mark: 0 }])
      const [one, two] = await append(log, 'one', 'two')
      await appendTo(log, b, 'eins')
      const [three] = await append(log, 'three')
      if (one === undefined || two === undefined || three === undefined) throw new Error('no places')
      expect([one.before, two.before, three.before]).toEqual([0, one.mark, two.mark])
      expect(await headOf(log)).toEqual({ seq: 3, mark: three.mark })
      const rows = value(await log.readAfter(a, 0, 1e9, 0))
      expect(rows.map(({ mark }) => mark)).toEqual([one.mark, two.mark, three.mark])
      for (const { seq, mark } of [one, two, three]) {
        expect(Number.isSafeInteger(mark) && mark > 0 && mark < 2 ** 48).toBe(true)
        expect(value(await log.readAfter(a, seq, 1e9, mark)).length).toBe(3 - seq)
        expect(outcome(await log.readAfter(a, seq, 1e9, mark + 1))).toBe('fork')
      }
      expect(outcome(await log.readAfter(a, 0, 1e9, 1))).toBe('fork')
      expect(outcome(await log.stage(a, baseTo(2), two.mark + 1))).toBe('cas')
      value(await log.adopt(a, 0, value(await log.stage(a, baseTo(2), two.mark))))
      expect(value(await log.load(a)).base).toMatchObject({ upto: 2, mark: two.mark })
      expect(value(await log.readAfter(a, 2, 1e9, two.mark)).length).toBe(1)
      expect(outcome(await log.readAfter(a, 2, 1e9, two.mark + 1))).toBe('fork')
      value(await log.adopt(a, 2, value(await log.stage(a, baseTo(3), three.mark))))
      expect(await headOf(log)).toEqual({ seq: 3, mark: three.mark })
      expect((await append(log, 'four'))[0]?.before).toBe(three.mark)
    }))

  test('[UL22] a store that was put back and grew again is told from what it was, at every seq that it has twice', async () => {
    await using at = await place()
    const first = await at.open()
    await appendTo(first, a, 'one', 'two', 'three')
    const putBack = await at.copy()
    const lost = await append(first, 'four', 'five')
    const stage = value(await first.stage(a, baseTo(4), lost[0]?.mark))
    await first.close()
    await putBack()
    const second = await at.open()
    expect((await headOf(second))?.seq).toBe(3)
    for (const { seq, mark } of lost) expect(outcome(await second.readAfter(a, seq, 1e9, mark))).toBe('fork')
    const again = await append(second, 'another four', 'another five', 'six')
    expect(again.map(({ seq }) => seq)).toEqual([4, 5, 6])
    for (const { seq, mark } of lost) {
      expect(again[seq - 4]?.mark).not.toBe(mark)
      expect(outcome(await second.readAfter(a, seq, 1e9, mark))).toBe('fork')
      expect(outcome(await second.stage(a, baseTo(seq), mark))).toBe('cas')
    }
    // What was staged before is not taken for what is staged now.
    value(await second.stage(a, baseTo(4), again[0]?.mark))
    expect(outcome(await second.adopt(a, 0, stage))).toBe('cas')
    await second.close()
  })
}
