import { appendingFunctions } from './sql-appending.ts'
import { entryFunctions } from './sql-entries.ts'
import { marks } from './sql-marks.ts'
import { roomFunctions } from './sql-rooms.ts'
import { snapshotFunctions } from './sql-snapshots.ts'
import { tables } from './sql-tables.ts'

/** Where the tables are. Both are names that SQL needs no quotes for. */
export interface Schemas {
  readonly store: string
  /** Erasures, apart: who puts an older copy of the store back leaves them as they are. */
  readonly ledger: string
}

export type Migration = (schemas: Schemas) => string

/**
 * Each migration leads from the version before it (its index) to the next. Never change one that was released: add another.
 * Relays of the version before may still run on the store meanwhile: keep what they call until the version after.
 */
export const MIGRATIONS: readonly Migration[] = [
  (schemas) =>
    [tables, entryFunctions, snapshotFunctions, appendingFunctions, roomFunctions]
      .map((part) => part(schemas))
      .join('\n'),
  marks
]

/** In the store's own table: tells our schema from another program's. */
export const APPLICATION = 'sacred-council'
