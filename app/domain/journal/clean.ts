/** A journal line is a page, not a book: far above what anybody writes, far below one entry's limit on the wire. */
export const MAX_LINE_LENGTH = 20_000
const MAX_TAG_LENGTH = 40
const MAX_TAGS = 32

/** Cuts between code points, so that no half of a surrogate pair is kept. */
const cut = (text: string, length: number): string => {
  const end = text.charCodeAt(length - 1)
  return text.length <= length ? text : text.slice(0, end >= 0xd800 && end <= 0xdbff ? length - 1 : length)
}

/** Unix line ends, whole characters only, no space at the end, within bounds. */
export const cleanLine = (text: string): string =>
  cut(text.replace(/\r\n?/g, '\n').toWellFormed(), MAX_LINE_LENGTH).trimEnd()

/** One spelling a tag: trimmed, single spaces, lower case, NFC; sorted, no doubles. */
export const cleanTags = (tags: readonly string[]): readonly string[] => {
  const clean = tags.map((tag) =>
    cut(tag.toWellFormed().normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase(), MAX_TAG_LENGTH).trim()
  )
  return [...new Set(clean.filter((tag) => tag !== ''))].sort().slice(0, MAX_TAGS)
}
