import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { writeText } from './text.ts'

const textOf = (initial: string): Y.Text => {
  const text = new Y.Doc().getText('t')
  text.insert(0, initial)
  return text
}
/** Few letters, so that prefixes and suffixes repeat; pairs that share a half. */
const words = fc
  .array(fc.constantFrom('a', 'b', ' ', '😀', '😁', '🙂', 'é'), { maxLength: 12 })
  .map((parts) => parts.join(''))

test('[JR14] a line becomes what was written, whatever it was and however wide its characters', () => {
  fc.assert(
    fc.property(words, words, (before, after) => {
      const text = textOf(before)
      writeText(text, after)
      expect(text.toString()).toBe(after)
    }),
    { numRuns: 1_000 }
  )
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
