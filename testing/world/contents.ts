import * as Y from 'yjs'
import { RECORDS } from './documents.ts'

/** Judging documents: what one holds that another lacks, by state vector and by delete set. */

export const docOf = (...updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

export const contentOf = (doc: Y.Doc): string => {
  const records = doc.getMap(RECORDS).toJSON() as Record<string, unknown>
  return JSON.stringify(
    Object.keys(records)
      .sort()
      .map((id) => [id, records[id]])
  )
}

type Deletion = { readonly clock: number; readonly len: number }

/** Delete sets may be cut into differing pieces that say the same. */
const joined = (deletions: readonly Deletion[]): readonly Deletion[] => {
  const out: { clock: number; len: number }[] = []
  for (const { clock, len } of [...deletions].sort((a, b) => a.clock - b.clock)) {
    const last = out.at(-1)
    if (last && clock <= last.clock + last.len) last.len = Math.max(last.len, clock + len - last.clock)
    else out.push({ clock, len })
  }
  return out
}

const within = (inner: Deletion, outer: readonly Deletion[]): boolean =>
  outer.some(({ clock, len }) => clock <= inner.clock && inner.clock + inner.len <= clock + len)

/** Whether `whole` has every change and every deletion that `part` has. */
export const contains = (whole: Y.Doc, part: Y.Doc): boolean => {
  const have = Y.decodeStateVector(Y.encodeStateVector(whole))
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(part))) {
    if ((have.get(client) ?? 0) < clock) return false
  }
  const deleted = Y.snapshot(whole).ds.clients
  for (const [client, deletions] of Y.snapshot(part).ds.clients) {
    const outer = joined(deleted.get(client) ?? [])
    if (!joined(deletions).every((deletion) => within(deletion, outer))) return false
  }
  return true
}

/** Nothing waits in a document for a change that never came. */
export const isWhole = (doc: Y.Doc): boolean => doc.store.pendingStructs === null && doc.store.pendingDs === null

/** Whether a document has all that one update says, whatever the update itself waits for. */
export const holds = (doc: Y.Doc, update: Uint8Array): boolean => {
  const { structs, ds } = Y.decodeUpdate(update)
  const have = Y.decodeStateVector(Y.encodeStateVector(doc))
  const deleted = Y.snapshot(doc).ds.clients
  return (
    structs.every(
      (struct) => struct instanceof Y.Skip || struct.id.clock + struct.length <= (have.get(struct.id.client) ?? 0)
    ) &&
    [...ds.clients].every(([client, deletions]) => {
      const outer = joined(deleted.get(client) ?? [])
      return deletions.every((deletion) => within(deletion, outer))
    })
  )
}
