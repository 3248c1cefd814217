import type { DocPath, RowId } from '#app/store/ports.ts'
import { EVERYTHING, type Transaction } from './engine.ts'
import { inPlace, putRows } from './rows.ts'
import { DOCUMENT_TABLES, type TableName } from './tables.ts'

/** Who speaks for the documents of this profile: a new device key, or another root. */

export const AUTHOR_TABLES: readonly TableName[] = ['outbox', 'sealed', 'acks', 'acked', 'authors']

export const everyDocument = async (tx: Transaction): Promise<readonly DocPath[]> => {
  const heads = await Promise.all(DOCUMENT_TABLES.map((table) => tx.heads(table)))
  return [...new Set(heads.flat())].sort() as DocPath[]
}

/**
 * The former key's sealed bytes go, acknowledged ones too: their counters will be used again under the new key. What a relay
 * loses of them later is given back as content, not as those bytes.
 */
export const beginAuthor = async (tx: Transaction): Promise<void> => {
  for (const key of await tx.keys('outbox', EVERYTHING)) tx.put('outbox', key, 0)
  for (const table of AUTHOR_TABLES) if (table !== 'outbox') tx.deleteAll(table, EVERYTHING)
}

export const reroot = async (tx: Transaction): Promise<readonly DocPath[]> => {
  const docs = await everyDocument(tx)
  for (const doc of docs) await makeLocal(tx, doc)
  for (const table of [...AUTHOR_TABLES, 'shards'] as const) if (table !== 'outbox') tx.deleteAll(table, EVERYTHING)
  return docs
}

/** Base and rows become unsealed rows. New ids only where a base has to go before the rows: done twice, nothing changes. */
const makeLocal = async (tx: Transaction, doc: DocPath): Promise<void> => {
  const [base, rows] = await Promise.all([tx.get('bases', [doc]), tx.all('rows', { prefix: [doc] })])
  if (base === undefined) {
    for (const row of rows) tx.put('outbox', [doc, row.id], 0)
    return
  }
  for (const table of ['bases', 'rows', 'outbox'] as const) tx.deleteAll(table, { prefix: [doc] })
  const updates = [base.bytes, ...inPlace(rows).map((row) => row.update)]
  const last = await putRows(tx, doc, updates)
  for (let id = last - updates.length + 1; id <= last; id++) tx.put('outbox', [doc, id as RowId], 0)
}
