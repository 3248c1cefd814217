import * as Y from 'yjs'

/** No structs, no deletions. */
export const EMPTY_UPDATE = Y.encodeStateAsUpdate(new Y.Doc())

/** Merging a list at once is quadratic in it (42,000 updates: over 60 s); in a tree of 32-way merges it is not (0.4 s). */
const FAN_IN = 32

export const merge = (updates: readonly Uint8Array[]): Uint8Array => {
  let level = [...updates]
  while (level.length > FAN_IN) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += FAN_IN) next.push(Y.mergeUpdates(level.slice(i, i + FAN_IN)))
    level = next
  }
  return Y.mergeUpdates(level)
}

/** A document with nothing but these updates, garbage collected. */
export const docOf = (updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc({ gc: true })
  if (updates.length > 0) Y.applyUpdate(doc, merge(updates))
  return doc
}
