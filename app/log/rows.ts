import type { DocPath, LoadedDoc, Row, RowId } from '#app/store/ports.ts'
import type { Transaction } from './engine.ts'
import type { StoredRow } from './tables.ts'

export const NO_ROW = 0 as RowId

/** A view on a larger buffer would be stored with the whole buffer: structured clone copies what lies under it. */
export const tight = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()

/**
 * Takes `count` row ids and returns the first. Write transactions on `meta` run one after another, so ids rise in the
 * order of commits: who has read up to an id has read everything below it.
 */
export const takeRowIds = async (tx: Transaction, count: number): Promise<RowId> => {
  const last = (await tx.get('meta', ['row'])) ?? NO_ROW
  tx.put('meta', ['row'], last + count)
  return (last + 1) as RowId
}

/** Writes rows in order and returns the id of the last one; `updates` is not empty. */
export const putRows = async (tx: Transaction, doc: DocPath, updates: readonly Uint8Array[]): Promise<RowId> => {
  const first = await takeRowIds(tx, updates.length)
  updates.forEach((update, index) => {
    const id = (first + index) as RowId
    tx.put('rows', [doc, id], { id, update: tight(update), place: id })
  })
  return (first + updates.length - 1) as RowId
}

/** Rows as their readers know them, in the order of their places. */
export const inPlace = (rows: readonly StoredRow[]): readonly Row[] =>
  [...rows].sort((a, b) => a.place - b.place).map(({ id, update }) => ({ id, update }))

export const readRows = async (tx: Transaction, doc: DocPath, after: RowId): Promise<LoadedDoc> => {
  const [base, rows] = await Promise.all([tx.get('bases', [doc]), tx.all('rows', { prefix: [doc], after })])
  const folded = base !== undefined && base.upTo > after
  const last = rows.at(-1)?.id ?? after
  return {
    base: folded ? base.bytes : undefined,
    rows: inPlace(rows),
    upTo: folded && base.upTo > last ? base.upTo : last
  }
}
