import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { documentOf, editDocument, makeHistory } from '#testing/open-world/edits.ts'
import { createRandom } from '#testing/random.ts'
import { expectSameFacts, factsOf } from './yjs.fixture.ts'
import { collectGarbage, diffUpdate, emptyUpdate, mergeUpdates } from './yjs.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })

test('the same is read of every kind of update as by Yjs itself', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = createRandom(seed)
      const updates = makeHistory(random, random.between(1, 4), random.between(1, 25))
      for (const update of updates) expectSameFacts(update)
      const some = updates.filter(() => random.chance(0.7))
      const merged = mergeUpdates(some)
      expectSameFacts(merged)
      expectSameFacts(collectGarbage(merged))
      const other = new Y.Doc()
      for (const update of some.filter(() => random.chance(0.5))) Y.applyUpdate(other, update)
      expectSameFacts(diffUpdate(merged, Y.encodeStateVector(other)))
      expectSameFacts(Y.encodeStateAsUpdate(other))
      for (const struct of Y.decodeUpdate(collectGarbage(merged)).structs) {
        seen.add(struct instanceof Y.Item ? struct.content.constructor.name : struct.constructor.name)
      }
    }),
    { numRuns: 80 }
  )
  expect([...seen].sort()).toEqual(
    [
      'ContentAny',
      'ContentBinary',
      'ContentDeleted',
      'ContentDoc',
      'ContentEmbed',
      'ContentFormat',
      'ContentString',
      'ContentType',
      'GC',
      'Skip'
    ].sort()
  )
})

test('merging in any order and grouping leaves what applying them one by one leaves', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = createRandom(seed)
      const updates = makeHistory(random, 3, 20)
      const plain = documentOf(random)
      for (const update of updates) Y.applyUpdate(plain, update)
      const shuffled = updates
        .map((update) => [random.below(1e9), update] as const)
        .sort((a, b) => a[0] - b[0])
        .map(([, update]) => update)
      const middle = random.below(shuffled.length)
      const merged = mergeUpdates([
        mergeUpdates(shuffled.slice(middle)),
        mergeUpdates(shuffled.slice(0, middle)),
        emptyUpdate
      ])
      expect(Y.encodeStateAsUpdate(loaded(merged))).toEqual(Y.encodeStateAsUpdate(plain))
      expect(Y.encodeStateAsUpdate(loaded(collectGarbage(merged)))).toEqual(Y.encodeStateAsUpdate(plain))
    }),
    { numRuns: 60 }
  )
})

const loaded = (update: Uint8Array): Y.Doc => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc
}

test('nothing merged is an empty update', () => {
  expect(mergeUpdates([])).toEqual(emptyUpdate)
  const doc = documentOf(createRandom(1))
  editDocument(doc, createRandom(2))
  const update = Y.encodeStateAsUpdate(doc)
  expect(factsOf(mergeUpdates([emptyUpdate, update]))).toEqual(factsOf(update))
})
