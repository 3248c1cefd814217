import type { LogFailure } from '#app/store/ports.ts'
import { err, type Result } from '#core/result.ts'
import type { BrowserTransaction, Connection } from './connection.ts'
import { failureOf } from './database.ts'
import type { Plan, Range, Transaction } from './engine.ts'
import type { Key, TableName } from './tables.ts'

/** One transaction of the engine. Quota may strike a request or only the commit: both come out of `done`. */
export const inTransaction = async <Value, Failure>(
  connection: Connection,
  plan: Plan,
  body: (tx: Transaction) => Promise<Result<Value, Failure>>
): Promise<Result<Value, Failure | LogFailure>> => {
  const begun = await connection.begin(plan)
  if (!begun.ok) return begun
  const browser = begun.value
  // Looked at below; until then a rejection must not count as unhandled.
  browser.done.catch(() => {})
  try {
    const result = await body(createTransaction(browser))
    if (result.ok) browser.commit()
    else browser.abort()
    if (result.ok) await browser.done
    return result
  } catch (fault) {
    abandon(browser)
    // A request that failed for want of space aborts its transaction, and what fails then is told as 'AbortError'.
    return err(failureOf(browser.error ?? fault))
  }
}

const abandon = (browser: BrowserTransaction): void => {
  try {
    browser.abort()
  } catch {
    // Already over: that is what is wanted.
  }
}

const rangeOf = ({ prefix, after }: Range): IDBKeyRange | undefined => {
  if (prefix.length === 0 && after === undefined) return undefined
  // Lists sort after numbers and strings, so an empty list closes the range of whatever may follow the prefix.
  const end = [...prefix, []]
  return after === undefined
    ? IDBKeyRange.bound([...prefix], end, false, true)
    : IDBKeyRange.bound([...prefix, after], end, true, true)
}

const createTransaction = (browser: BrowserTransaction): Transaction => {
  const store = (table: TableName) => browser.objectStore(table)
  /** A failed write aborts the transaction, which tells of it. */
  const send = (request: Promise<unknown>) => void request.catch(() => {})

  return {
    get: async (table, key) => (await store(table).get([...key])) as never,
    all: async (table, range) => (await store(table).getAll(rangeOf(range))) as never,
    keys: async (table, range) => (await store(table).getAllKeys(rangeOf(range))) as unknown as readonly Key[],
    heads: async (table) => {
      const heads: string[] = []
      let cursor = await store(table).openKeyCursor()
      while (cursor !== null) {
        const head = String((cursor.key as IDBValidKey[])[0])
        heads.push(head)
        cursor = await cursor.continue([head, []] as never)
      }
      return heads
    },
    put: (table, key, value) => send(store(table).put(value, [...key])),
    delete: (table, key) => send(store(table).delete([...key])),
    deleteAll: (table, range) => send(store(table).delete(rangeOf(range) ?? IDBKeyRange.lowerBound([])))
  }
}
