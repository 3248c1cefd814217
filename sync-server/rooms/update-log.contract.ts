import { describe, expect, test } from 'vitest'
import type { Base, OpenStoreFailure, RoomName, UpdateLog } from './open-ports.ts'

/** A store's disk: opened several times, one after the other. */
export interface UpdateLogPlace {
  /** Quota of each room in bytes. */
  open(roomBytes?: number): Promise<UpdateLog & { close(): Promise<void> }>
  /** Makes the disk full for the log that is open, and gives the room back. */
  fill(): Promise<() => Promise<void>>
  [Symbol.asyncDispose](): Promise<void>
}

const named = (name: string): RoomName => name as RoomName
const a = named('a')
const b = named('b')

const bytes = (text: string, size = text.length): Uint8Array => {
  const encoded = new TextEncoder().encode(text)
  const out = new Uint8Array(Math.max(size, encoded.byteLength))
  out.set(encoded)
  return out
}

type Answer<Value> = { ok: true; value: Value } | { ok: false; error: OpenStoreFailure }

const value = <Value>(result: Answer<Value> | undefined): Value => {
  if (result?.ok !== true) throw new Error(`refused: ${result?.error.kind}`)
  return result.value
}
const outcome = (result: Answer<unknown> | undefined): string =>
  result === undefined ? 'no answer' : result.ok ? 'accepted' : result.error.kind

const baseTo = (upto: number, body = bytes(`base to ${upto}`)): Base => ({
  upto,
  stateVector: bytes(`state vector at ${upto}`),
  deletes: bytes(`deletes at ${upto}`),
  bytes: body
})
const headOf = ({ bytes: body, ...head }: Base) => ({ ...head, size: body.byteLength })

const appendTo = async (log: UpdateLog, room: RoomName, ...texts: readonly string[]): Promise<number[]> =>
  (await log.append(texts.map((text) => ({ room, bytes: bytes(text) })))).map((each) => value(each))

const rowsOf = async (log: UpdateLog, room: RoomName, after = 0, limit = 1e9): Promise<[number, string][]> =>
  value(await log.readAfter(room, after, limit)).map((row) => [row.seq, new TextDecoder().decode(row.bytes)])

const replace = async (log: UpdateLog, room: RoomName, expected: number, base: Base): Promise<void> => {
  value(await log.stage(room, base))
  value(await log.adopt(room, expected, base.upto))
}

const EMPTY = { head: 0, base: undefined, tailBytes: 0, tailRows: 0 }

/** @param place makes an empty place for one test. */
export const updateLogContract = (name: string, place: () => Promise<UpdateLogPlace>): void => {
  const withLog = async (
    run: (log: UpdateLog, at: UpdateLogPlace) => Promise<void>,
    roomBytes?: number
  ): Promise<void> => {
    await using at = await place()
    const log = await at.open(roomBytes)
    try {
      await run(log, at)
    } finally {
      await log.close()
    }
  }

  describe(`update log: ${name}`, () => {
    test('[UL1] an unknown room reads as empty', () =>
      withLog(async (log) => {
        for (let time = 0; time < 2; time++) {
          expect(value(await log.load(a))).toEqual(EMPTY)
          expect(await rowsOf(log, a)).toEqual([])
          expect(value(await log.readBase(a, 1))).toBeUndefined()
          expect(outcome(await log.adopt(a, 0, 1))).toBe('cas')
        }
        expect(await log.append([])).toEqual([])
      }))

    test('[UL2] seqs follow the order given, within a batch too', () =>
      withLog(async (log) => {
        const results = await log.append([
          { room: a, bytes: bytes('one') },
          { room: b, bytes: bytes('eins') },
          { room: a, bytes: bytes('two') }
        ])
        expect(results.map((each) => value(each))).toEqual([1, 1, 2])
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
      withLog(async (log) => {
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
      withLog(async (log) => {
        await appendTo(log, a, 'aaaa', 'bbbb', 'cccc')
        const page = async (after: number, limit: number) => (await rowsOf(log, a, after, limit)).map(([seq]) => seq)
        expect(await page(0, 8)).toEqual([1, 2])
        expect(await page(0, 7)).toEqual([1])
        expect(await page(1, 1)).toEqual([2])
        expect(await page(2, 1_000)).toEqual([3])
        expect(await page(3, 1_000)).toEqual([])
        expect(await page(9, 1_000)).toEqual([])
      }))

    test('[UL5] a staged base is there to be read and replaces nothing', () =>
      withLog(async (log) => {
        await appendTo(log, a, 'one', 'two')
        const before = value(await log.load(a))
        value(await log.stage(a, baseTo(2)))
        expect(value(await log.load(a))).toEqual(before)
        expect((await rowsOf(log, a)).length).toBe(2)
        expect(value(await log.readBase(a, 2))).toEqual(baseTo(2).bytes)
        expect(value(await log.readBase(a, 1))).toBeUndefined()
      }))

    test('[UL6] an adopted base takes the place of the old one and of its rows', () =>
      withLog(async (log) => {
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
      withLog(async (log) => {
        await appendTo(log, a, 'one', 'two', 'three')
        expect(outcome(await log.adopt(a, 0, 2))).toBe('cas')
        value(await log.stage(a, baseTo(2)))
        const before = value(await log.load(a))
        expect(outcome(await log.adopt(a, 1, 2))).toBe('cas')
        expect(outcome(await log.adopt(a, 0, 3))).toBe('cas')
        expect(value(await log.load(a))).toEqual(before)
        value(await log.adopt(a, 0, 2))
        expect(outcome(await log.adopt(a, 0, 2))).toBe('cas')
        expect(outcome(await log.adopt(a, 2, 2))).toBe('cas')
        value(await log.stage(a, baseTo(3)))
        expect(outcome(await log.adopt(a, 0, 3))).toBe('cas')
        expect(value(await log.load(a)).base?.upto).toBe(2)
        value(await log.adopt(a, 2, 3))
      }))

    test('[UL8] a base that ends beyond the head or not after the current one is not staged', () =>
      withLog(async (log) => {
        expect(outcome(await log.stage(a, baseTo(1)))).toBe('cas')
        await appendTo(log, a, 'one', 'two', 'three')
        expect(outcome(await log.stage(a, baseTo(4)))).toBe('cas')
        expect(outcome(await log.stage(a, baseTo(0)))).toBe('cas')
        await replace(log, a, 0, baseTo(2))
        for (const upto of [1, 2, 4]) expect(outcome(await log.stage(a, baseTo(upto)))).toBe('cas')
        expect(value(await log.readBase(a, 2))).toEqual(baseTo(2).bytes)
      }))

    test('[UL9] staging again drops what was staged', () =>
      withLog(async (log) => {
        await appendTo(log, a, 'one', 'two', 'three')
        value(await log.stage(a, baseTo(2)))
        value(await log.stage(a, baseTo(3)))
        expect(value(await log.readBase(a, 2))).toBeUndefined()
        expect(outcome(await log.adopt(a, 0, 2))).toBe('cas')
        value(await log.stage(a, baseTo(3, bytes('another base to 3'))))
        value(await log.adopt(a, 0, 3))
        expect(value(await log.readBase(a, 3))).toEqual(bytes('another base to 3'))
      }))

    test('[UL10] a large base comes back whole, and nobody waits for it', () =>
      withLog(async (log) => {
        const large = (seed: number) => new Uint8Array(5_000_003).map((_, index) => (index * seed) % 251)
        await appendTo(log, a, 'one')
        const staging = log.stage(a, baseTo(1, large(3)))
        const seqs = await Promise.all(['two', 'three', 'four'].map((text) => appendTo(log, a, text)))
        expect(seqs).toEqual([[2], [3], [4]])
        value(await staging)
        expect(Buffer.compare(value(await log.readBase(a, 1)) ?? bytes(''), large(3))).toBe(0)
        value(await log.adopt(a, 0, 1))
        expect(await appendTo(log, a, 'five')).toEqual([5])
        value(await log.stage(a, baseTo(5, large(5))))
        const [read, adopted] = await Promise.all([log.readBase(a, 1), log.adopt(a, 1, 5)])
        value(adopted)
        // Whoever reads the old base while it goes gets all of it or nothing.
        const old = value(read)
        if (old !== undefined) expect(Buffer.compare(old, large(3))).toBe(0)
        expect(Buffer.compare(value(await log.readBase(a, 5)) ?? bytes(''), large(5))).toBe(0)
        expect(value(await log.readBase(a, 1))).toBeUndefined()
        expect(value(await log.load(a))).toMatchObject({ head: 5, tailRows: 0 })
      }))

    test('[UL11] a full room refuses, its neighbours go on, a smaller base makes room', () =>
      withLog(async (log) => {
        await appendTo(log, a, 'x'.repeat(400), 'y'.repeat(400))
        const results = await log.append([
          { room: a, bytes: bytes('z', 201) },
          { room: b, bytes: bytes('z', 201) },
          { room: a, bytes: bytes('small', 100) }
        ])
        expect(results.map(outcome)).toEqual(['room-full', 'accepted', 'accepted'])
        expect(value(results[2])).toBe(3)
        expect(outcome(await log.stage(a, baseTo(2, bytes('s', 1_001))))).toBe('room-full')
        await replace(log, a, 0, baseTo(2, bytes('s', 100)))
        expect(outcome((await log.append([{ room: a, bytes: bytes('z', 801) }]))[0])).toBe('room-full')
        expect(outcome((await log.append([{ room: a, bytes: bytes('z', 800) }]))[0])).toBe('accepted')
        expect(value(await log.load(a))).toMatchObject({ head: 4, tailBytes: 900 })
      }, 1_000))

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
      withLog(async (log, at) => {
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
        expect(value((await log.append([{ room: a, bytes: noise }]))[0])).toBe(2)
        await replace(log, a, 0, baseTo(1, noise))
      }))

    test('[UL14] a buffer given to an append may be used again at once', () =>
      withLog(async (log) => {
        const pool = new Uint8Array(1_000).fill(7)
        const under = log.append([
          { room: a, bytes: pool.subarray(10, 13) },
          { room: b, bytes: pool.subarray(13, 16) }
        ])
        pool.fill(9)
        expect((await under).map((each) => value(each))).toEqual([1, 1])
        expect(pool[0]).toBe(9)
        expect(value(await log.readAfter(a, 0, 100))).toEqual([{ seq: 1, bytes: new Uint8Array([7, 7, 7]) }])
        expect(value(await log.readAfter(b, 0, 100))).toEqual([{ seq: 1, bytes: new Uint8Array([7, 7, 7]) }])
      }))

    test('[UL15] what is asked for first is done first', () =>
      withLog(async (log) => {
        const asked = Array.from({ length: 20 }, (_, index) =>
          log.append([{ room: index % 2 === 0 ? a : b, bytes: bytes(String(index)) }])
        )
        const read = rowsOf(log, a)
        const seqs = (await Promise.all(asked)).map(([each]) => value(each))
        expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => Math.floor(index / 2) + 1))
        expect((await read).map(([, text]) => text)).toEqual(Array.from({ length: 10 }, (_, index) => `${index * 2}`))
      }))
  })
}
