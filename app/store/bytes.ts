import * as Y from 'yjs'
import { retiredJournals, settleKeyring } from './brought-keyring.ts'
import { docOf, EMPTY_UPDATE, merge } from './merged.ts'
import type { DocBytes } from './ports.ts'

/**
 * Yjs as byte functions: what sync and compaction need without a document. Updates are in Yjs' V1 encoding everywhere:
 * it is smaller than V2 for single edits, and deflate evens out whole documents.
 */

type Range = { readonly clock: number; readonly end: number }
type Ranges = ReadonlyMap<number, readonly Range[]>

/** Sorted, disjoint. */
const union = (ranges: readonly Range[]): readonly Range[] => {
  const out: Range[] = []
  for (const range of [...ranges].sort((a, b) => a.clock - b.clock)) {
    const last = out.at(-1)
    if (last !== undefined && range.clock <= last.end)
      out[out.length - 1] = { ...last, end: Math.max(last.end, range.end) }
    else out.push(range)
  }
  return out
}

/** Both sorted and disjoint: one walk along each. A journal's delete set has thousands of ranges. */
const coversAll = (wide: readonly Range[], ranges: readonly Range[]): boolean => {
  let at = 0
  return ranges.every(({ clock, end }) => {
    while ((wide[at]?.end ?? Number.POSITIVE_INFINITY) < end) at++
    const range = wide[at]
    return range !== undefined && range.clock <= clock
  })
}

const covers = (outer: Ranges, inner: Ranges): boolean =>
  [...inner].every(([client, ranges]) => coversAll(outer.get(client) ?? [], ranges))

const rangesByClient = (list: Iterable<readonly [client: number, range: Range]>): Ranges => {
  const byClient = new Map<number, Range[]>()
  for (const [client, range] of list) {
    const ranges = byClient.get(client)
    if (ranges === undefined) byClient.set(client, [range])
    else ranges.push(range)
  }
  return new Map([...byClient].map(([client, ranges]) => [client, union(ranges)]))
}

const deletedIn = (doc: Y.Doc): Ranges =>
  rangesByClient(
    [...Y.createDeleteSetFromStructStore(doc.store).clients].flatMap(([client, items]) =>
      items.map(({ clock, len }) => [client, { clock, end: clock + len }] as const)
    )
  )

/** Content and deletions that the bytes name, also such as wait for a predecessor that is not there. */
const namedIn = (updates: readonly Uint8Array[]): { readonly structs: Ranges; readonly deleted: Ranges } => {
  const { structs, ds } = Y.decodeUpdate(merge(updates))
  return {
    structs: rangesByClient(
      structs
        .filter((struct) => !(struct instanceof Y.Skip))
        .map(({ id, length }) => [id.client, { clock: id.clock, end: id.clock + length }] as const)
    ),
    deleted: rangesByClient(
      [...ds.clients].flatMap(([client, items]) =>
        items.map(({ clock, len }) => [client, { clock, end: clock + len }] as const)
      )
    )
  }
}

const isWaiting = ({ store }: Y.Doc): boolean => store.pendingStructs !== null || store.pendingDs !== null

/**
 * Judged on documents, not on raw bytes: a deletion that follows from a merge is nowhere written down but in the
 * document that made the merge. Bytes that wait for a predecessor are in no document, so those are judged raw.
 */
const missing = (local: readonly Uint8Array[], remote: readonly Uint8Array[]): Uint8Array | undefined => {
  if (local.length === 0) return undefined
  const here = docOf(local)
  const there = docOf(remote)
  const stateThere = Y.encodeStateVector(there)
  const clocksThere = Y.decodeStateVector(stateThere)
  const hasMore = [...Y.decodeStateVector(Y.encodeStateVector(here))].some(
    ([client, clock]) => clock > (clocksThere.get(client) ?? 0)
  )
  if (hasMore || !covers(deletedIn(there), deletedIn(here))) return Y.encodeStateAsUpdate(here, stateThere)
  if (!isWaiting(here)) return undefined
  const [named, known] = [namedIn(local), namedIn(remote.length === 0 ? [EMPTY_UPDATE] : remote)]
  const nothingNew =
    covers(known.structs, named.structs) && covers(either(known.deleted, deletedIn(there)), named.deleted)
  return nothingNew ? undefined : Y.encodeStateAsUpdate(here, stateThere)
}

const either = (a: Ranges, b: Ranges): Ranges =>
  rangesByClient([...a, ...b].flatMap(([client, ranges]) => ranges.map((range) => [client, range] as const)))

const valid = (update: Uint8Array): boolean => {
  try {
    Y.decodeUpdate(update)
    return true
  } catch {
    return false
  }
}

/** Whether both lists of updates make the same document: content and deletions. */
export const sameDocument = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  missing(a, b) === undefined && missing(b, a) === undefined

export const docBytes: DocBytes = {
  compact: (updates) => Y.encodeStateAsUpdate(docOf(updates)),
  merge: (updates) => (updates.length === 0 ? EMPTY_UPDATE : merge(updates)),
  missing,
  valid,
  retiredJournals,
  settleKeyring
}
