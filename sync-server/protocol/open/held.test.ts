import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createHeld, holdsDeletes, holdsRuns, takeDeletes, takeRuns } from './held.ts'
import { addAll, addRange, coversAll, decodeDeletes, encodeDeletes, type Ranges } from './ranges.ts'
import { appendRow, rowsLacking, settle, type Tail, tailAfter, tailTotals } from './tail.ts'

const range = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(40), fc.nat(8))
type Triple = readonly [client: number, from: number, length: number]

const clocksOf = (triples: readonly Triple[]): Set<string> => {
  const all = new Set<string>()
  for (const [client, from, length] of triples) for (let i = 0; i < length; i++) all.add(`${client}:${from + i}`)
  return all
}

const rangesOf = (triples: readonly Triple[]): Ranges => {
  const ranges: Ranges = new Map()
  for (const [client, from, length] of triples) addRange(ranges, client, from, from + length)
  return ranges
}

const runsOf = (triples: readonly Triple[]): Map<number, (readonly [number, number])[]> => {
  const runs = new Map<number, (readonly [number, number])[]>()
  for (const [client, from, to] of [...rangesOf(triples)].flatMap(([client, list]) =>
    list.flatMap((from, i) => (i % 2 === 0 ? [[client, from, list[i + 1] ?? 0] as const] : []))
  )) {
    runs.set(client, [...(runs.get(client) ?? []), [from, to]])
  }
  return runs
}

test('ranges hold what was put in and nothing else', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 30 }), fc.array(range, { maxLength: 30 }), (first, second) => {
      const joined = rangesOf(first)
      addAll(joined, rangesOf(second))
      expect(joined).toEqual(rangesOf([...first, ...second]))
      const held = clocksOf(first)
      expect(coversAll(rangesOf(first), rangesOf(second))).toBe([...clocksOf(second)].every((each) => held.has(each)))
      for (const list of joined.values()) expect([...list].sort((a, b) => a - b)).toEqual(list)
    })
  )
})

test('a delete set is written as Yjs writes it', () => {
  const doc = new Y.Doc()
  const text = doc.getText('t')
  text.insert(0, 'a text that loses some of its letters')
  for (const at of [30, 20, 21, 5, 5, 0]) text.delete(at, 2)
  const facts = Y.decodeUpdate(Y.encodeStateAsUpdate(doc))
  const ranges: Ranges = new Map()
  for (const [client, items] of facts.ds.clients) {
    for (const { clock, len } of items) addRange(ranges, client, clock, clock + len)
  }
  const bytes = encodeDeletes(ranges)
  const back = new Y.Doc()
  Y.applyUpdate(back, Y.encodeStateAsUpdate(doc))
  expect(Y.diffUpdate(Y.encodeStateAsUpdate(doc), Y.encodeStateVector(doc))).toEqual(bytes)
  const read = decodeDeletes(bytes)
  expect(read.ok && read.value).toEqual(ranges)
  for (let end = 0; end < bytes.byteLength; end++) expect(decodeDeletes(bytes.subarray(0, end)).ok).toBe(false)
})

test('[OR4] what is claimed is held from 0 without a gap, and what lies behind one counts once it is filled', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 25 }), range, (taken, asked) => {
      const held = createHeld(undefined)
      if (!held.ok) throw new Error('no room')
      for (const triple of taken) takeRuns(held.value, runsOf([triple]))
      const all = clocksOf(taken)
      for (const client of [1, 2, 3]) {
        let clock = 0
        while (all.has(`${client}:${clock}`)) clock++
        expect(held.value.clocks.get(client) ?? 0).toBe(clock)
      }
      expect(holdsRuns(held.value, runsOf([asked]))).toBe([...clocksOf([asked])].every((each) => all.has(each)))
    })
  )
})

test('deletions are known by themselves, those of the base too', () => {
  const base = encodeDeletes(rangesOf([[1, 0, 5]]))
  const held = createHeld({ stateVector: new Uint8Array([1, 1, 20]), deletes: base })
  if (!held.ok) throw new Error('no room')
  expect(holdsDeletes(held.value, rangesOf([[1, 1, 3]]))).toBe(true)
  expect(holdsDeletes(held.value, rangesOf([[1, 1, 9]]))).toBe(false)
  takeDeletes(held.value, rangesOf([[1, 5, 5]]))
  expect(holdsDeletes(held.value, rangesOf([[1, 1, 9]]))).toBe(true)
  expect(held.value.tailDeletes).toEqual(rangesOf([[1, 5, 5]]))
})

const tailOf = (rows: readonly (readonly Triple[])[]): Tail => {
  const tail: Tail = []
  rows.forEach((row, index) => {
    appendRow(
      tail,
      index + 1,
      10,
      false,
      row.flatMap(([client, from, length]) => [client, from, from + length])
    )
  })
  return tail
}

test('rows are told apart by what a peer lacks of them, and leave with the base', () => {
  const tail = tailOf([
    [[1, 0, 5]],
    [[2, 0, 3]],
    [
      [1, 5, 2],
      [2, 3, 1]
    ]
  ])
  appendRow(tail, 4, 7, true, [])
  const lacking = (clocks: [number, number][], deletes = false) =>
    rowsLacking(tail, new Map(clocks), deletes).map(({ seq }) => seq)
  expect(lacking([])).toEqual([1, 2, 3])
  expect(
    lacking([
      [1, 7],
      [2, 3]
    ])
  ).toEqual([3])
  expect(
    lacking([
      [1, 7],
      [2, 4]
    ])
  ).toEqual([])
  expect(
    lacking(
      [
        [1, 7],
        [2, 4]
      ],
      true
    )
  ).toEqual([4])
  expect(tailTotals(tail)).toEqual({ rows: 4, bytes: 37 })
  expect(tailTotals(tailAfter(tail, 2))).toEqual({ rows: 2, bytes: 17 })
  expect(tailAfter(tail, 4)).toEqual([])
})

test('[OR11] no base is made of rows behind a gap', () => {
  fc.assert(
    fc.property(fc.array(fc.array(range, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), (rows) => {
      const { clocks, behindGaps } = settle(tailOf(rows), rows.length, new Map())
      const inside = clocksOf(rows.filter((_, index) => !behindGaps.has(index + 1)).flat())
      for (const each of inside) {
        const [client = 0, clock = 0] = each.split(':').map(Number)
        expect(clock).toBeLessThan(clocks.get(client) ?? 0)
      }
      for (const [client, end] of clocks) {
        for (let clock = 0; clock < end; clock++) expect(inside.has(`${client}:${clock}`)).toBe(true)
      }
    })
  )
})
