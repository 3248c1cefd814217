import type { Messages } from '@lingui/core'

const accents: Readonly<Record<string, string>> = { a: 'ȧ', e: 'ḗ', i: 'ī', o: 'ǿ', u: 'ŭ' }

/** U+202E and U+202C: the text between them is laid out right to left although its letters are Latin. */
const mirrorText = (text: string): string =>
  text.trim() === '' ? text : `\u202e${text.replace(/[aeiou]/g, (letter) => accents[letter] ?? letter)}\u202c`

const mirrorPart = (part: unknown): unknown => {
  if (typeof part === 'string') return mirrorText(part)
  if (!Array.isArray(part)) return part
  const [name, kind, forms] = part
  if (forms === null || typeof forms !== 'object') return part
  const mirrored = Object.entries(forms).map(([key, form]) => [
    key,
    Array.isArray(form) ? form.map((piece) => (piece === '#' ? piece : mirrorPart(piece))) : mirrorPart(form)
  ])
  return [name, kind, Object.fromEntries(mirrored)]
}

/** A catalogue for trying right-to-left layout: same ids, English letters with accents, laid out mirrored. */
export const mirror = (messages: Messages): Messages =>
  Object.fromEntries(
    Object.entries(messages).map(([id, message]) => [
      id,
      (Array.isArray(message) ? message.map(mirrorPart) : mirrorPart(message)) as Messages[string]
    ])
  )
