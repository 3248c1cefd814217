import Database from 'better-sqlite3'
import type { StoreFailure } from '#server/rooms/ports.ts'

/** What SQLite threw, as the rooms know it. */
export const asStoreFailure = (cause: unknown): StoreFailure => {
  if (cause instanceof Database.SqliteError && cause.code === 'SQLITE_FULL') return { kind: 'relay-full' }
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') return { kind: 'relay-full' }
  return { kind: 'store', reason: cause instanceof Error ? cause.message : String(cause) }
}
