import { mergeUpdates } from '#server/rooms/yjs.ts'

/** Merging costs the square of the number of updates, so many are merged by a tree. */
const AT_ONCE = 12

export const mergeMany = (updates: readonly Uint8Array[]): Uint8Array => {
  let level = updates
  while (level.length > AT_ONCE) {
    const next: Uint8Array[] = []
    for (let from = 0; from < level.length; from += AT_ONCE) next.push(mergeUpdates(level.slice(from, from + AT_ONCE)))
    level = next
  }
  return mergeUpdates(level)
}
