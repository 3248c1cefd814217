import type { DocPath, LogFailure } from '#app/store/ports.ts'
import type { Result } from '#core/result.ts'
import type { Key, TableName, Tables } from './tables.ts'

/**
 * What the log needs of a database. Two engines (IndexedDB, memory) carry one log, so that what is tested in memory is
 * what runs in the browser.
 */
export interface Engine {
  /**
   * Runs `body` in one transaction: all of its writes are kept or none. A body that returns an error is rolled back.
   * Bodies may wait for nothing but the transaction: IndexedDB commits as soon as nobody asks it anything.
   */
  transact<Value, Failure = never>(
    plan: Plan,
    body: (tx: Transaction) => Promise<Result<Value, Failure>>
  ): Promise<Result<Value, Failure | LogFailure>>
  /** Tells every subscriber, in this tab and the others. Called after the commit. */
  announce(docs: readonly DocPath[]): void
  subscribe(changed: (doc: DocPath) => void): () => void
  close(): Promise<void>
}

export interface Plan {
  /** Names the operation to whoever injects faults. */
  readonly operation: string
  /**
   * `durable` = on the disk when it resolves; `write` = atomic, but a power cut may take the newest back. Good for what can be
   * had again: pulled rows, acknowledgements, folds.
   */
  readonly mode: 'read' | 'write' | 'durable'
  readonly tables: readonly TableName[]
}

/** Keys that begin with `prefix`; with `after`, only those whose next part is a greater number. */
export interface Range {
  readonly prefix: Key
  readonly after?: number
}

export interface Transaction {
  get<Name extends TableName>(table: Name, key: Key): Promise<Tables[Name] | undefined>
  /** In key order. */
  all<Name extends TableName>(table: Name, range: Range): Promise<readonly Tables[Name][]>
  keys(table: TableName, range: Range): Promise<readonly Key[]>
  /** The distinct first parts of all keys, without reading all keys. */
  heads(table: TableName): Promise<readonly string[]>
  put<Name extends TableName>(table: Name, key: Key, value: Tables[Name]): void
  delete(table: TableName, key: Key): void
  deleteAll(table: TableName, range: Range): void
}

export const EVERYTHING: Range = { prefix: [] }
