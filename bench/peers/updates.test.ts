import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { encodeAppend, encodeDeletion, encodePrepends, FIRST_CLIENT, readRuns } from './updates.ts'

const runsOf = (update: Uint8Array): number[][] => {
  const runs: number[][] = []
  readRuns(update, 0, update.length, (client, from, to) => runs.push([client - FIRST_CLIENT, from, to]))
  return runs.sort((a, b) => (a[0] as number) - (b[0] as number) || (a[1] as number) - (b[1] as number))
}

const appends = (writer: number, count: number, width: number): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => encodeAppend(FIRST_CLIENT + writer, n, width))

test('an append has the bytes that Yjs writes', () => {
  const doc = new Y.Doc()
  doc.clientID = FIRST_CLIENT + 3
  const written: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => written.push(update))
  for (let n = 0; n < 300; n++) doc.getText('t').insert(n * 5, String(n).padStart(5, '.'))
  expect(appends(3, 300, 5)).toEqual(written)
})

test('inserts at the beginning have the bytes that Yjs writes, one by one and as a document', () => {
  const doc = new Y.Doc()
  doc.clientID = FIRST_CLIENT
  const written: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => written.push(update))
  for (let n = 0; n < 200; n++) doc.getText('t').insert(0, String(n).padStart(7, '.'))
  expect(Array.from({ length: 200 }, (_, n) => encodePrepends(FIRST_CLIENT, n, 1, 7))).toEqual(written)
  expect(encodePrepends(FIRST_CLIENT, 0, 200, 7)).toEqual(Y.encodeStateAsUpdate(doc))
})

test('a deletion has the bytes that Yjs writes', () => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, encodePrepends(FIRST_CLIENT, 0, 1, 20))
  const before = Y.encodeStateVector(doc)
  doc.transact(() => {
    doc.getText('t').delete(12, 3)
    doc.getText('t').delete(2, 4)
  })
  expect(
    encodeDeletion(FIRST_CLIENT, [
      [2, 6],
      [12, 15]
    ])
  ).toEqual(Y.encodeStateAsUpdate(doc, before))
})

test('each clock of merged updates is counted once, by writer', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      (counts, width, throughDoc) => {
        const all = counts.flatMap((count, writer) => appends(writer, count, width))
        const doc = new Y.Doc()
        for (const update of all) Y.applyUpdate(doc, update)
        const merged = throughDoc ? Y.encodeStateAsUpdate(doc) : Y.mergeUpdates(all)
        expect(runsOf(merged)).toEqual(counts.map((count, writer) => [writer, 0, count * width]))
      }
    )
  )
})

test('what is left out of a merged update is not counted', () => {
  const [first, , third] = appends(0, 3, 4) as [Uint8Array, Uint8Array, Uint8Array]
  expect(runsOf(Y.mergeUpdates([first, third]))).toEqual([
    [0, 0, 4],
    [0, 8, 12]
  ])
})

test('deletions, collected content and formats are read past', () => {
  const doc = new Y.Doc()
  doc.clientID = FIRST_CLIENT
  const text = doc.getText('t')
  text.insert(0, 'one two three')
  text.format(0, 3, { bold: true })
  text.delete(4, 4)
  const map = doc.getMap('m')
  map.set('inner', new Y.Map())
  map.set('inner', new Y.Text('again'))
  expect(runsOf(Y.encodeStateAsUpdate(doc))).toEqual([
    [0, 0, Y.decodeStateVector(Y.encodeStateVector(doc)).get(FIRST_CLIENT)]
  ])
})

test('a torn update is not counted in silence', () => {
  const [update] = appends(0, 1, 10) as [Uint8Array]
  expect(() => readRuns(update.subarray(0, 6), 0, 6, () => {})).toThrow('ends early')
})
