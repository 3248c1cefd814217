import type * as Y from 'yjs'

/** Between the two halves of a surrogate pair Yjs would break the character. */
const splitsPair = (text: string, at: number): boolean => {
  const before = text.charCodeAt(at - 1)
  return before >= 0xd800 && before <= 0xdbff
}

/** Turns the text into `next` by replacing only what differs, so that what another device wrote meanwhile stays. */
export const writeText = (text: Y.Text, next: string): void => {
  const now = text.toString()
  const shorter = Math.min(now.length, next.length)
  let start = 0
  while (start < shorter && now[start] === next[start]) start++
  if (start > 0 && (splitsPair(now, start) || splitsPair(next, start))) start--
  let end = 0
  while (end < shorter - start && now[now.length - 1 - end] === next[next.length - 1 - end]) end++
  if (end > 0 && (splitsPair(now, now.length - end) || splitsPair(next, next.length - end))) end--
  const removed = now.length - start - end
  if (removed > 0) text.delete(start, removed)
  const inserted = next.slice(start, next.length - end)
  if (inserted !== '') text.insert(start, inserted)
}
