import { expect, test } from 'vitest'
import type { RoomName } from './open-ports.ts'
import {
  a,
  appendTo,
  b,
  baseTo,
  bytes,
  EMPTY,
  NO_STAGE,
  named,
  outcome,
  type Place,
  replace,
  rowsOf,
  value,
  withLog
} from './update-log-verbs.contract.ts'

/** Rows: their seqs, order and bytes. */
export const updateLogRows = (place: Place): void => {
  test('[UL1] an unknown room reads as empty', () =>
    withLog(place, async (log) => {
      for (let time = 0; time < 2; time++) {
        expect(value(await log.load(a))).toEqual(EMPTY)
        expect(await rowsOf(log, a)).toEqual([])
        expect(value(await log.readBase(a, 1))).toBeUndefined()
        expect(outcome(await log.adopt(a, 0, NO_STAGE))).toBe('cas')
      }
      expect(await log.append([])).toEqual([])
    }))

  test('[UL2] seqs follow the order given, within a batch too', () =>
    withLog(place, async (log) => {
      const results = await log.append([
        { room: a, bytes: bytes('one') },
        { room: b, bytes: bytes('eins') },
        { room: a, bytes: bytes('two') }
      ])
      expect(results.map((each) => value(each).seq)).toEqual([1, 1, 2])
      expect(await appendTo(log, a, 'three')).toEqual([3])
      expect(await rowsOf(log, a)).toEqual([
        [1, 'one'],
        [2, 'two'],
        [3, 'three']
      ])
      expect(await rowsOf(log, b)).toEqual([[1, 'eins']])
      expect(value(await log.load(a))).toEqual({ head: 3, base: undefined, tailBytes: 11, tailRows: 3 })
      const noise = new Uint8Array(70_000).map((_, index) => (index * 7) % 256)
      value((await log.append([{ room: a, bytes: noise }]))[0])
      expect(value(await log.readAfter(a, 3, 1))[0]?.bytes).toEqual(noise)
    }))

  test('[UL3] names that differ in a byte share nothing', () =>
    withLog(place, async (log) => {
      // The second é is e with a combining accent; the last two differ in a script's look-alike.
      const names = ['é', 'e\u0301', 'A', 'a', 'a/', 'a/b', 'a%2Fb', 'a.', 'a ', '.', '..', 'a\u00ad', 'о', 'o', '🌿']
      for (const each of names) await appendTo(log, named(each), `of ${each}`)
      for (const each of names) {
        expect(await rowsOf(log, named(each))).toEqual([[1, `of ${each}`]])
        await replace(log, named(each), 0, baseTo(1, bytes(`base ${each}`)))
      }
      for (const each of names) {
        expect(new TextDecoder().decode(value(await log.readBase(named(each), 1)))).toBe(`base ${each}`)
      }
      const long = 'x'.repeat(254)
      await appendTo(log, named(`${long}1`), 'first')
      expect(value(await log.load(named(`${long}2`)))).toEqual(EMPTY)
    }))

  test('[UL4] a read is cut at the limit, but never empty', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'aaaa', 'bbbb', 'cccc')
      const page = async (after: number, limit: number) => (await rowsOf(log, a, after, limit)).map(([seq]) => seq)
      expect(await page(0, 8)).toEqual([1, 2])
      expect(await page(0, 7)).toEqual([1])
      expect(await page(1, 1)).toEqual([2])
      expect(await page(2, 1_000)).toEqual([3])
      expect(await page(3, 1_000)).toEqual([])
      expect(await page(9, 1_000)).toEqual([])
    }))

  test('[UL19] the heads of many rooms come in one answer, in the order asked', () =>
    withLog(place, async (log) => {
      await appendTo(log, a, 'one', 'two', 'three')
      await appendTo(log, b, 'eins')
      await replace(log, a, 0, baseTo(3))
      const unknown = named('nobody was here')
      const seqs = async (...rooms: RoomName[]) => value(await log.heads(rooms)).map(({ seq }) => seq)
      expect(await seqs(b, unknown, a, b)).toEqual([1, 0, 3, 1])
      expect(await seqs()).toEqual([])
      expect(value(await log.load(unknown))).toEqual(EMPTY)
      const asked = log.append([{ room: b, bytes: bytes('zwei') }])
      expect(await seqs(b)).toEqual([2])
      await asked
      const many = Array.from({ length: 1_000 }, (_, index) => named(`room ${index}`))
      await log.append(many.map((room) => ({ room, bytes: bytes('x') })))
      expect(await seqs(...many, a)).toEqual([...many.map(() => 1), 3])
    }))

  test('[UL14] a buffer given to an append may be used again at once', () =>
    withLog(place, async (log) => {
      const pool = new Uint8Array(1_000).fill(7)
      const under = log.append([
        { room: a, bytes: pool.subarray(10, 13) },
        { room: b, bytes: pool.subarray(13, 16) }
      ])
      pool.fill(9)
      expect((await under).map((each) => value(each).seq)).toEqual([1, 1])
      expect(pool[0]).toBe(9)
      expect(value(await log.readAfter(a, 0, 100))).toMatchObject([{ seq: 1, bytes: new Uint8Array([7, 7, 7]) }])
      expect(value(await log.readAfter(b, 0, 100))).toMatchObject([{ seq: 1, bytes: new Uint8Array([7, 7, 7]) }])
    }))

  test('[UL15] what is asked for first is done first', () =>
    withLog(place, async (log) => {
      const asked = Array.from({ length: 20 }, (_, index) =>
        log.append([{ room: index % 2 === 0 ? a : b, bytes: bytes(String(index)) }])
      )
      const read = rowsOf(log, a)
      const seqs = (await Promise.all(asked)).map(([each]) => value(each).seq)
      expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => Math.floor(index / 2) + 1))
      expect((await read).map(([, text]) => text)).toEqual(Array.from({ length: 10 }, (_, index) => `${index * 2}`))
    }))
}
