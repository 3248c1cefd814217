import * as Y from 'yjs'
import { cleanLine, cleanTags } from '#app/domain/journal/clean.ts'
import type { JournalEntry } from '#app/domain/journal/entry.ts'
import type { RecordId, Reflection } from '#app/domain/practice/record.ts'
import { countEdit, createRecordMap, type EditCounts, editCounts, type RecordMap, writeTags } from './journal-record.ts'
import { writeText } from './text.ts'

/**
 * A journal year: `records` (id -> record) and `gone` (id of a deleted record -> the edits its deletion had seen; no
 * content). Deleting beats everything: an id in `gone` is not shown even where a record still stands under it.
 */
export const recordsOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('records')
const goneOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('gone')

export const isGone = (doc: Y.Doc, id: string): boolean => goneOf(doc).has(id)

export const recordMap = (doc: Y.Doc, id: string): RecordMap | null => {
  const map = recordsOf(doc).get(id)
  return map instanceof Y.Map && !isGone(doc, id) ? map : null
}

/** Also takes back a deletion. An id that is there already is left alone: the same practice kept twice is one. */
export const addEntry = (doc: Y.Doc, entry: JournalEntry): void => {
  if (recordMap(doc, entry.id) !== null) return
  goneOf(doc).delete(entry.id)
  recordsOf(doc).set(entry.id, createRecordMap(entry))
}

/** @param device who edits: see LostEdit. */
export const editEntry = (doc: Y.Doc, id: RecordId, change: Partial<Reflection>, device: string): void => {
  const map = recordMap(doc, id)
  if (map === null) return
  const text = map.get('line')
  if (change.line !== undefined && text instanceof Y.Text) writeText(text, cleanLine(change.line))
  if (change.tags !== undefined) writeTags(map, cleanTags(change.tags))
  if (map.get('kind') === 'practice') {
    for (const key of ['before', 'after'] as const) {
      const feeling = change[key]
      if (feeling === undefined || (map.get(key) ?? null) === feeling) continue
      if (feeling === null) map.delete(key)
      else map.set(key, feeling)
    }
  }
  countEdit(map, device)
}

export const deleteEntry = (doc: Y.Doc, id: RecordId): void => {
  const map = recordMap(doc, id)
  if (map === null) return
  goneOf(doc).set(id, editCounts(map))
  recordsOf(doc).delete(id)
}

/** How many edits of a device the deletion of an id had seen. */
export const editsSeen = (doc: Y.Doc, id: string, device: string): number => {
  const seen = goneOf(doc).get(id) as EditCounts | undefined
  const count = seen?.[device]
  return typeof count === 'number' ? count : 0
}

/** Records that stand under a deleted id, after a deletion and its undo met: their content has to go too. */
export const ghosts = (doc: Y.Doc): readonly string[] => [...goneOf(doc).keys()].filter((id) => recordsOf(doc).has(id))

export const banish = (doc: Y.Doc, ids: readonly string[]): void => {
  for (const id of ids) recordsOf(doc).delete(id)
}
