import * as Y from 'yjs'
import { FIELD_MAPS } from '#core/field.ts'
import { type NowPartial, parseNowPartial } from '#core/field-counts.ts'

/** One month of the field as relays write it. This device reads it and keeps it; it never writes. */
export interface FieldDoc {
  /** For the provider. */
  readonly doc: Y.Doc
  readonly now: () => readonly NowPartial[]
  readonly hours: () => readonly (readonly [key: string, value: unknown])[]
  /** What was kept, to be shown before anything comes. False where the bytes are no update. */
  readonly load: (kept: Uint8Array) => boolean
  readonly bytes: () => Uint8Array
  readonly subscribe: (onChange: () => void) => () => void
  readonly close: () => void
}

export const createFieldDoc = (): FieldDoc => {
  const doc = new Y.Doc()
  const now = doc.getMap(FIELD_MAPS.now)
  const hours = doc.getMap(FIELD_MAPS.hours)
  return {
    doc,
    now: () => [...now.values()].flatMap((value) => parseNowPartial(value) ?? []),
    hours: () => [...hours.entries()],
    load(kept) {
      try {
        Y.applyUpdate(doc, kept)
        return true
      } catch {
        return false
      }
    },
    bytes: () => Y.encodeStateAsUpdate(doc),
    subscribe(onChange) {
      doc.on('update', onChange)
      return () => doc.off('update', onChange)
    },
    close: () => doc.destroy()
  }
}
