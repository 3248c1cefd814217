import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { writeText } from './text.ts'

const textOf = (initial: string): Y.Text => {
  const text = new Y.Doc().getText('t')
  text.insert(0, initial)
  return text
}
/** Few letters, so that prefixes and suffixes repeat; surrogate pairs that share their first or their second half. */
const words = fc
  .array(fc.constantFrom('a', 'b', ' ', '😀', '😁', '\u{1fa00}', 'é'), { maxLength: 12 })
  .map((parts) => parts.join(''))

test('[JR14] a line becomes what was written, whatever it was and however wide its characters', () => {
  fc.assert(
    fc.property(words, words, (before, after) => {
      const text = textOf(before)
      writeText(text, after)
      expect(text.toString()).toBe(after)
      // Through an update too: a broken pair shows only once it was encoded.
      const other = new Y.Doc()
      if (text.doc !== null) Y.applyUpdate(other, Y.encodeStateAsUpdate(text.doc))
      expect(other.getText('t').toString()).toBe(after)
    }),
    { numRuns: 1_000 }
  )
})

test('[JR14] one word changed in the middle is one small change', () => {
  const text = textOf('light on the wall')
  let delta: unknown
  text.observe((event) => {
    delta = event.delta
  })
  text.doc?.transact(() => writeText(text, 'light on the floor'))
  expect(delta).toEqual([{ retain: 13 }, { delete: 4 }, { insert: 'floor' }])
})

test('[JR14] only what differs is written, so that words added elsewhere stay', () => {
  const text = textOf('light on the wall')
  const other = new Y.Doc()
  if (text.doc === null) throw new Error('no document')
  Y.applyUpdate(other, Y.encodeStateAsUpdate(text.doc))
  writeText(text, 'soft light on the wall')
  writeText(other.getText('t'), 'light on the wall, snow')
  Y.applyUpdate(text.doc, Y.encodeStateAsUpdate(other))
  expect(text.toString()).toBe('soft light on the wall, snow')
})
