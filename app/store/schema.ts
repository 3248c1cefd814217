import type * as Y from 'yjs'

/**
 * Each document says which schema wrote it, as a set of numbers that only grows: two devices that write different
 * numbers at once keep both, and the highest counts. A single number would let the older device win by chance.
 */
export const SCHEMA_VERSION = 1

const MARKS = 'schema'

/** 0 for a document that nobody wrote to yet. */
export const schemaVersionOf = (doc: Y.Doc): number =>
  Math.max(0, ...[...doc.getMap(MARKS).keys()].map(Number).filter(Number.isInteger))

/** A document of a later app is shown and left as it is: this one would write what that one no longer understands. */
export const isNewer = (doc: Y.Doc): boolean => schemaVersionOf(doc) > SCHEMA_VERSION

/** Inside a transaction that writes. */
export const markSchema = (doc: Y.Doc, version: number = SCHEMA_VERSION): void => {
  const marks = doc.getMap(MARKS)
  if (!marks.has(String(version))) marks.set(String(version), true)
}

/**
 * A step from the schema before `to`. Two devices may take it at once without knowing of each other, so it must set
 * keys to values that follow from the document alone, and may create nested containers only under fresh random ids.
 */
export type Migration = { readonly to: number; readonly run: (doc: Y.Doc) => void }

export const MIGRATIONS: readonly Migration[] = []

/** @returns whether anything was written. Run inside a local transaction; an empty or newer document is left alone. */
export const migrate = (doc: Y.Doc, migrations: readonly Migration[] = MIGRATIONS): boolean => {
  const from = schemaVersionOf(doc)
  const due = from === 0 ? [] : migrations.filter(({ to }) => to > from).sort((a, b) => a.to - b.to)
  for (const { to, run } of due) {
    run(doc)
    markSchema(doc, to)
  }
  return due.length > 0
}
