import * as Y from 'yjs'
import { encodeUpdate } from '#server/protocol/open/messages.ts'

/** Three letters that somebody typed one after the other: brought out of order, the later one lies behind a gap. */
export const typeLetters = (): { readonly doc: Y.Doc; readonly message: (index: 0 | 1 | 2) => Uint8Array } => {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const letter of 'abc') doc.getText('text').insert(0, letter)
  return { doc, message: (index) => encodeUpdate(updates[index] as Uint8Array) }
}
