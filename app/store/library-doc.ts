import * as Y from 'yjs'
import { BUILT_IN_PATTERNS } from '#app/domain/breath/built-in.ts'
import { parseOwnPattern } from '#app/domain/breath/parse.ts'
import type { Pattern, PatternId } from '#app/domain/breath/pattern.ts'

/** The library: `patterns` (id -> Y.Map of name, breath, plan) and `favourites` (pattern id -> true). */
const patternsMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('patterns')
const favouritesMap = (doc: Y.Doc): Y.Map<unknown> => doc.getMap('favourites')

const FIELDS = ['name', 'breath', 'plan'] as const

export const readOwnPattern = (doc: Y.Doc, id: PatternId): Pattern | null => {
  const map = patternsMap(doc).get(id)
  if (!(map instanceof Y.Map)) return null
  const pattern = parseOwnPattern(id, Object.fromEntries(FIELDS.map((field) => [field, map.get(field)])))
  return pattern.ok ? pattern.value : null
}

/** Built-in ones in their order, then own ones by name (and id, so that all devices agree). */
export const readPatterns = (doc: Y.Doc): readonly Pattern[] => {
  const own = [...patternsMap(doc).keys()].flatMap((id) => readOwnPattern(doc, id as PatternId) ?? [])
  return [...BUILT_IN_PATTERNS, ...own.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))]
}

/** Favourites of patterns that are gone are not shown. */
export const readFavourites = (doc: Y.Doc, patterns: readonly Pattern[]): ReadonlySet<PatternId> =>
  new Set(patterns.map(({ id }) => id).filter((id) => favouritesMap(doc).has(id)))

/** Only fields that differ are written: two devices that change different fields keep both changes. */
export const writePattern = (doc: Y.Doc, pattern: Pattern): void => {
  const existing = patternsMap(doc).get(pattern.id)
  if (!(existing instanceof Y.Map)) {
    patternsMap(doc).set(pattern.id, new Y.Map<unknown>(FIELDS.map((field) => [field, pattern[field]])))
    return
  }
  const before = readOwnPattern(doc, pattern.id)
  for (const field of FIELDS) {
    if (JSON.stringify(before?.[field]) !== JSON.stringify(pattern[field])) existing.set(field, pattern[field])
  }
}

export const deletePattern = (doc: Y.Doc, id: PatternId): void => {
  patternsMap(doc).delete(id)
  favouritesMap(doc).delete(id)
}

export const writeFavourite = (doc: Y.Doc, id: PatternId, favourite: boolean): void => {
  if (favourite) favouritesMap(doc).set(id, true)
  else favouritesMap(doc).delete(id)
}
