import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { docBytes, sameDocument } from './bytes.ts'

type Step = { readonly who: number; readonly what: 'set' | 'nest' | 'write' | 'delete' | 'meet'; readonly n: number }

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(2),
  what: fc.constantFrom('set', 'nest', 'write', 'delete', 'meet'),
  n: fc.nat(5)
})

/** Three devices that edit and now and then meet; every update each of them made, in order. */
const play = (steps: readonly Step[]): readonly (readonly Uint8Array[])[] => {
  const docs = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }))
  const rows: Uint8Array[][] = docs.map(() => [])
  for (const [i, doc] of docs.entries()) doc.on('update', (update: Uint8Array) => rows[i]?.push(update))
  for (const { who, what, n } of steps) {
    const doc = docs[who]
    const other = docs[(who + 1) % docs.length]
    if (doc === undefined || other === undefined) continue
    const map = doc.getMap('m')
    const key = `k${n}`
    const nested = map.get(key)
    if (what === 'set') map.set(key, n * who)
    if (what === 'nest') map.set(key, new Y.Map([['text', new Y.Text('new')]]))
    if (what === 'delete') map.delete(key)
    if (what === 'write' && nested instanceof Y.Map) (nested.get('text') as Y.Text).insert(0, `${who}`)
    if (what === 'meet') Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
  }
  return rows
}

const histories = fc.array(step, { minLength: 1, maxLength: 40 }).map(play)
const contentOf = (updates: readonly Uint8Array[]): unknown => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc.getMap('m').toJSON()
}

test('[JR5] merged and compacted bytes say what the single updates said', () => {
  fc.assert(
    fc.property(histories, ([a = [], b = [], c = []]) => {
      const all = [...c, ...a, ...b]
      expect(contentOf([docBytes.merge(all)])).toEqual(contentOf(all))
      expect(contentOf([docBytes.compact(all)])).toEqual(contentOf(all))
      expect(sameDocument([docBytes.compact(all)], all)).toBe(true)
    })
  )
})

test('[JR6] what is missing is exactly what makes the other side whole, and nothing is missing afterwards', () => {
  let some = 0
  fc.assert(
    fc.property(histories, ([local = [], remote = []]) => {
      const missing = docBytes.missing(local, remote)
      const after = missing === undefined ? remote : [...remote, missing]
      expect(contentOf([...remote, ...local])).toEqual(contentOf(after))
      expect(docBytes.missing(local, after)).toBeUndefined()
      if (missing !== undefined) some++
    }),
    { numRuns: 300 }
  )
  expect(some).toBeGreaterThan(50)
})

test('[JR6] a deletion alone is missing too: state vectors cannot see it', () => {
  const doc = new Y.Doc()
  doc.getMap('m').set('secret', 'words')
  const before = Y.encodeStateAsUpdate(doc)
  doc.getMap('m').delete('secret')
  const after = Y.encodeStateAsUpdate(doc)
  expect(Y.encodeStateVectorFromUpdate(after)).toEqual(Y.encodeStateVectorFromUpdate(before))
  const missing = docBytes.missing([after], [before])
  expect(missing).toBeDefined()
  expect(contentOf([before, missing ?? before])).toEqual({})
  expect(docBytes.missing([before], [after])).toBeUndefined()
})

test('[JR6] bytes that wait for a predecessor count, and nothing against nothing lacks nothing', () => {
  const doc = new Y.Doc()
  const rows: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => rows.push(update))
  doc.getMap('m').set('a', 1)
  doc.getMap('m').set('b', 2)
  const [first, second] = rows
  if (first === undefined || second === undefined) throw new Error('two rows')
  const missing = docBytes.missing([second], [])
  expect(missing).toBeDefined()
  expect(contentOf([first, missing ?? first])).toEqual({ a: 1, b: 2 })
  expect(docBytes.missing([second], [first, second])).toBeUndefined()
  expect(docBytes.missing([second], [second])).toBeUndefined()
  expect(contentOf([docBytes.compact([second]), first])).toEqual({ a: 1, b: 2 })
  expect(docBytes.missing([], [])).toBeUndefined()
  expect(docBytes.missing([docBytes.merge([])], [])).toBeUndefined()
})

test('[JR7] compacting removes what was deleted from the bytes', () => {
  const doc = new Y.Doc()
  const rows: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => rows.push(update))
  doc.getMap('m').set('r', new Y.Map([['line', new Y.Text('the plain words')]]))
  doc.getMap('m').delete('r')
  const has = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes).includes('plain words')
  expect(has(docBytes.merge(rows))).toBe(true)
  expect(has(docBytes.compact(rows))).toBe(false)
})

test('[JR5] bytes that are no update are told apart', () => {
  const doc = new Y.Doc()
  doc.getMap('m').set('a', 'some text')
  const update = Y.encodeStateAsUpdate(doc)
  expect(docBytes.valid(update)).toBe(true)
  for (let length = 0; length < update.length; length++) expect(docBytes.valid(update.subarray(0, length))).toBe(false)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => typeof docBytes.valid(bytes) === 'boolean'))
})

test('[JR5] ten thousand rows merge in a tree', () => {
  const doc = new Y.Doc()
  const rows: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => rows.push(update))
  for (let i = 0; i < 10_000; i++) doc.getMap('m').set(`k${i % 500}`, i)
  expect(contentOf([docBytes.merge(rows)])).toEqual(doc.getMap('m').toJSON())
})
