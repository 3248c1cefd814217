import type { DocLog, DocPath, Fold, Foldable, LogFailure, Row, RowId } from '#app/store/ports.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Engine, Transaction } from './engine.ts'
import { inPlace, NO_ROW, putRows, readRows, takeRowIds, tight } from './rows.ts'

const RACED = { kind: 'raced' } as const
type Raced = typeof RACED

/** The store's half of the log: see DocLog in app/store/ports.ts for what each verb promises. */
export const createDocLog = (engine: Engine): DocLog => ({
  load: (doc) =>
    engine.transact({ operation: 'load', mode: 'read', tables: ['bases', 'rows'] }, async (tx) =>
      ok(await readRows(tx, doc, NO_ROW))
    ),

  readAfter: (doc, after) =>
    engine.transact({ operation: 'readAfter', mode: 'read', tables: ['bases', 'rows'] }, async (tx) =>
      ok(await readRows(tx, doc, after))
    ),

  appendLocal: async (doc, update) => {
    const result = await engine.transact(
      { operation: 'appendLocal', mode: 'durable', tables: ['meta', 'rows', 'outbox'] },
      async (tx) => {
        const id = await putRows(tx, doc, [update])
        tx.put('outbox', [doc, id], 0)
        return ok(id)
      }
    )
    if (result.ok) engine.announce([doc])
    return result
  },

  subscribe: (changed) => engine.subscribe(changed),

  documents: () => documents(engine),

  hintAll: async () => {
    const known = await documents(engine)
    if (!known.ok) return known
    engine.announce(known.value)
    return ok(undefined)
  },

  fold: async (doc, fold) => {
    const result: Result<RowId, LogFailure | Raced> = await engine.transact(
      { operation: 'fold', mode: 'write', tables: ['meta', 'bases', 'rows', 'outbox'] },
      (tx) => (fold.state === 'confirmed' ? foldConfirmed(tx, doc, fold) : foldUnsealed(tx, doc, fold))
    )
    if (result.ok) engine.announce([doc])
    return result
  },

  foldable: (doc) =>
    engine.transact({ operation: 'foldable', mode: 'read', tables: ['bases', 'rows', 'outbox'] }, async (tx) =>
      ok(await readFoldable(tx, doc))
    ),

  close: () => engine.close()
})

const documents: (engine: Engine) => ReturnType<DocLog['documents']> = (engine) =>
  engine.transact({ operation: 'documents', mode: 'read', tables: ['bases', 'rows'] }, async (tx) => {
    const [bases, rows] = await Promise.all([tx.heads('bases'), tx.heads('rows')])
    return ok([...new Set([...bases, ...rows])].sort() as DocPath[])
  })

const readFoldable = async (tx: Transaction, doc: DocPath): Promise<Foldable> => {
  const [base, rows, keys, counters] = await Promise.all([
    tx.get('bases', [doc]),
    tx.all('rows', { prefix: [doc] }),
    tx.keys('outbox', { prefix: [doc] }),
    tx.all('outbox', { prefix: [doc] })
  ])
  const counterById = new Map(keys.map((key, index) => [key[1] as RowId, counters[index] ?? 0]))
  const stateIs = (state: number | undefined) => (row: Row) => counterById.get(row.id) === state
  return {
    base: base?.bytes,
    baseId: base?.id ?? NO_ROW,
    confirmed: inPlace(rows.filter(stateIs(undefined))),
    unsealed: inPlace(rows.filter(stateIs(0)))
  }
}

/** Whether every named row is still there, in the outbox under `counter` (undefined = confirmed). */
const untouched = async (tx: Transaction, doc: DocPath, fold: Fold, counter: number | undefined): Promise<boolean> => {
  const states = await Promise.all(
    fold.rows.map(async (id) => {
      const [row, state] = await Promise.all([tx.get('rows', [doc, id]), tx.get('outbox', [doc, id])])
      return row !== undefined && state === counter
    })
  )
  return states.length > 0 && states.every(Boolean)
}

const foldConfirmed = async (tx: Transaction, doc: DocPath, fold: Fold): Promise<Result<RowId, Raced>> => {
  const [base, still] = await Promise.all([tx.get('bases', [doc]), untouched(tx, doc, fold, undefined)])
  if (!still || (base?.id ?? NO_ROW) !== fold.baseId) return err(RACED)
  const id = await takeRowIds(tx, 1)
  const upTo = Math.max(base?.upTo ?? NO_ROW, ...fold.rows) as RowId
  for (const row of fold.rows) tx.delete('rows', [doc, row])
  tx.put('bases', [doc], { id, upTo, bytes: tight(fold.bytes) })
  return ok(id)
}

const foldUnsealed = async (tx: Transaction, doc: DocPath, fold: Fold): Promise<Result<RowId, Raced>> => {
  if (!(await untouched(tx, doc, fold, 0))) return err(RACED)
  const rows = await Promise.all(fold.rows.map((id) => tx.get('rows', [doc, id])))
  const place = Math.max(...rows.map((row) => row?.place ?? NO_ROW))
  for (const row of fold.rows) {
    tx.delete('rows', [doc, row])
    tx.delete('outbox', [doc, row])
  }
  const id = await takeRowIds(tx, 1)
  tx.put('rows', [doc, id], { id, update: tight(fold.bytes), place })
  tx.put('outbox', [doc, id], 0)
  return ok(id)
}
