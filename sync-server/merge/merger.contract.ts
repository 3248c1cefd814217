import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Merger, SequencedUpdate } from '#server/rooms/open-ports.ts'
import { mergeUpdates, readUpdate } from '#server/rooms/yjs.ts'
import { contentOf, documentOf, editDocument, makeHistory } from '#testing/open-world/edits.ts'
import { createRandom, type Random } from '#testing/random.ts'

const loaded = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

/** How far a deleted child is emptied depends on when it was looked at, so bytes need not be equal where documents are. */
const expectSame = (doc: Y.Doc, plain: Y.Doc): void => {
  expect(contentOf(doc)).toEqual(contentOf(plain))
  expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(plain))
  expect(deletionsOf(doc)).toEqual(deletionsOf(plain))
}

const deletionsOf = (doc: Y.Doc) => Y.decodeUpdate(Y.encodeStateAsUpdate(doc)).ds

const rowsOf = (updates: readonly Uint8Array[], after = 0): SequencedUpdate[] =>
  updates.map((bytes, index) => ({ seq: after + index + 1, bytes }))

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const shuffled = (random: Random, updates: readonly Uint8Array[]): Uint8Array[] =>
  updates
    .map((update) => [random.below(1e9), update] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, update]) => update)

const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const UNDECODABLE = new Uint8Array([1, 1, 1, 0, 31])

export const mergerContract = (name: string, create: () => Merger): void => {
  describe(`merger: ${name}`, () => {
    const merger = create()
    afterAll(() => merger.close())

    const rebuilt = async (base: Uint8Array | undefined, rows: readonly SequencedUpdate[]) => {
      const result = await merger.rebuild(base, rows)
      if (!result.ok) throw new Error(result.error)
      return result.value
    }

    test('what it reads, merges and leaves out is what Yjs says, and what it is given stays as it was', async () => {
      const updates = makeHistory(createRandom(5), 3, 60)
      const before = updates.map((update) => update.slice())
      const whole = await merger.merge(updates)
      expect(contentOf(loaded(whole))).toEqual(contentOf(loaded(...updates)))
      expect(await merger.inspect(whole)).toEqual(readUpdate(whole))
      const other = loaded(...updates.slice(0, 30))
      Y.applyUpdate(other, await merger.diff(whole, Y.encodeStateVector(other)))
      expect(contentOf(other)).toEqual(contentOf(loaded(...updates)))
      expect(await merger.inspect(UNDECODABLE)).toEqual({ ok: false, error: 'undecodable' })
      expect(await merger.merge([])).toEqual(mergeUpdates([]))
      expect(updates).toEqual(before)
    })

    test('one that knows everything is told what was deleted, and nothing else', async () => {
      const updates = makeHistory(createRandom(8), 2, 40)
      const doc = loaded(...updates)
      const diff = Y.decodeUpdate(await merger.diff(Y.encodeStateAsUpdate(doc), Y.encodeStateVector(doc)))
      expect(diff.structs).toEqual([])
      expect(diff.ds.clients.size).toBeGreaterThan(0)
    })

    test('[OR13] base and rows leave the same document as all updates, however often and where they were rewritten', () =>
      fc.assert(
        fc.asyncProperty(seeds, async (seed) => {
          const random = createRandom(seed)
          const updates = shuffled(random, makeHistory(random, 3, 30))
          let base: Uint8Array | undefined
          let upto = 0
          while (upto < updates.length) {
            const rows = rowsOf(updates.slice(upto, upto + random.between(1, updates.length)), upto)
            const made = await rebuilt(base, rows)
            base = made.bytes
            upto = made.upto
            // Applied one by one in this order, Yjs can leave waiting what it holds all parts of, until it is loaded anew (seed 1548635850).
            const plain = loaded(Y.mergeUpdates(updates.slice(0, upto)))
            expectSame(loaded(base), plain)
            expect(made.stateVector).toEqual(Y.encodeStateVectorFromUpdate(base))
            expect(Y.decodeUpdate(made.deletes)).toEqual({ structs: [], ds: Y.decodeUpdate(base).ds })
          }
        }),
        { numRuns: 20, examples: [[1548635850], [14223524]] }
      ))

    test('[OR11] what waits behind a gap is kept, and the state vector does not claim it', async () => {
      const doc = documentOf(createRandom(3))
      const updates: Uint8Array[] = []
      doc.on('update', (update: Uint8Array) => updates.push(update))
      for (const word of ['one ', 'two ', 'three ']) doc.getText('text').insert(doc.getText('text').length, word)
      doc.getText('text').delete(8, 3)
      const [one, two, ...rest] = updates as [Uint8Array, Uint8Array, ...Uint8Array[]]
      const made = await rebuilt(undefined, rowsOf([one, ...rest]))
      expect(Y.decodeStateVector(made.stateVector)).toEqual(new Map([[doc.clientID, 4]]))
      expect(loaded(made.bytes).getText('text').toString()).toBe('one ')
      expect(loaded(made.bytes, two).getText('text').toString()).toBe(doc.getText('text').toString())
      const filled = await rebuilt(made.bytes, rowsOf([two], 9))
      expect(filled.upto).toBe(10)
      expect(filled.stateVector).toEqual(Y.encodeStateVector(doc))
      expect(filled.bytes).toEqual(Y.encodeStateAsUpdate(doc))
    })

    test('[OR12] what was deleted is no longer in the base', async () => {
      const doc = documentOf(createRandom(4))
      doc.getText('text').insert(0, 'a word not meant to stay; this stays')
      doc.getMap('map').set('key', 'replaced value')
      const before = Y.encodeStateAsUpdate(doc)
      doc.getText('text').delete(0, 26)
      doc.getMap('map').set('key', 'new value')
      const rows = rowsOf([before, Y.encodeStateAsUpdate(doc, Y.encodeStateVectorFromUpdate(before))])
      expect(text(mergeUpdates(rows.map(({ bytes }) => bytes)))).toContain('not meant to stay')
      const { bytes, deletes } = await rebuilt(undefined, rows)
      expect(text(bytes)).not.toMatch(/not meant|replaced/)
      expect(text(bytes)).toMatch(/this stays/)
      expect(text(bytes)).toMatch(/new value/)
      expect(Y.decodeUpdate(deletes).ds.clients.get(doc.clientID)?.length).toBe(2)
    })

    test('of what two wrote at once the loser is deleted in the base, though nobody said so', async () => {
      const random = createRandom(6)
      const [a, b] = [documentOf(random), documentOf(random)]
      a.getMap('map').set('key', 'from a')
      b.getMap('map').set('key', 'from b')
      const rows = rowsOf([a, b].map((doc) => Y.encodeStateAsUpdate(doc)))
      const made = await rebuilt(undefined, rows)
      expect(made.bytes).toEqual(Y.encodeStateAsUpdate(loaded(...rows.map(({ bytes }) => bytes))))
      expect(Y.decodeUpdate(made.deletes).ds.clients.size).toBe(1)
    })

    test('many rows are rewritten in a time that does not grow with their square', async () => {
      const doc = documentOf(createRandom(7))
      const updates: Uint8Array[] = []
      doc.on('update', (update: Uint8Array) => updates.push(update))
      const random = createRandom(9)
      for (let i = 0; i < 3_000; i++) doc.getText('text').insert(random.below(i + 1), 'x')
      const made = await rebuilt(undefined, rowsOf(updates))
      expect(made.bytes).toEqual(Y.encodeStateAsUpdate(doc))
    })

    test('nothing to rewrite is an empty base; a row that cannot be read is refused', async () => {
      const made = await rebuilt(undefined, [])
      expect(made).toEqual({
        upto: 0,
        bytes: mergeUpdates([]),
        deletes: mergeUpdates([]),
        stateVector: new Uint8Array([0])
      })
      expect(await merger.rebuild(undefined, rowsOf([UNDECODABLE]))).toEqual({ ok: false, error: 'undecodable' })
      expect(await merger.rebuild(UNDECODABLE, [])).toEqual({ ok: false, error: 'undecodable' })
    })

    test('requests made at once are all answered, each its own', async () => {
      const histories = Array.from({ length: 12 }, (_, seed) => {
        const doc = documentOf(createRandom(seed + 100))
        for (let i = 0; i < 5; i++) editDocument(doc, createRandom(seed * 7 + i))
        return Y.encodeStateAsUpdate(doc)
      })
      const made = await Promise.all(histories.map((update) => rebuilt(undefined, rowsOf([update]))))
      expect(made.map(({ bytes }) => bytes)).toEqual(histories.map((update) => Y.encodeStateAsUpdate(loaded(update))))
    })
  })
}
