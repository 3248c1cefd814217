import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

/** Why a store cannot be opened, as one line a host can act on. */
export class StoreRefusal extends Error {}

export interface OpenOptions {
  readonly path: string
  /** FULL syncs the log at each commit. OFF exists so that a test can show what it loses. */
  readonly synchronous?: 'FULL' | 'OFF'
  readonly migrations?: readonly string[]
}

const pragma = (db: Database.Database, name: string): unknown => db.pragma(name, { simple: true })

const migrate = (db: Database.Database, path: string, migrations: readonly string[]): void => {
  const version = Number(pragma(db, 'user_version'))
  if (version > migrations.length) {
    throw new StoreRefusal(
      `${path} was written by a newer relay (store ${version}, this one reads up to ${migrations.length})`
    )
  }
  if (version === migrations.length) return
  // A copy beside it: an upgrade that proves wrong can be taken back.
  if (version > 0) {
    const copy = `${path}.before-${migrations.length}`
    if (!existsSync(copy)) db.prepare('VACUUM INTO ?').run(copy)
  }
  db.transaction(() => {
    for (const migration of migrations.slice(version)) db.exec(migration)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${migrations.length}`)
  }).exclusive()
}

const isOurs = (db: Database.Database): boolean =>
  pragma(db, 'application_id') === APPLICATION_ID ||
  (pragma(db, 'user_version') === 0 && db.prepare('SELECT count(*) AS n FROM sqlite_schema').pluck().get() === 0)

/**
 * The kernel lets go of this lock when the process dies, however it dies. It is another file than the database, so that
 * a backup tool may still read that while the relay runs.
 */
const lock = (path: string): Database.Database => {
  const held = new Database(`${path}.lock`, { timeout: 0 })
  try {
    held.pragma('locking_mode = EXCLUSIVE')
    held.exec('BEGIN EXCLUSIVE')
    return held
  } catch {
    held.close()
    throw new StoreRefusal(`${path} is in use by another relay`)
  }
}

const asRefusal = (path: string, cause: unknown): StoreRefusal => {
  if (cause instanceof StoreRefusal) return cause
  const code = cause instanceof Database.SqliteError ? cause.code : undefined
  if (code === 'SQLITE_NOTADB') return new StoreRefusal(`${path} is not a database of this relay`)
  if (code === 'SQLITE_FULL') return new StoreRefusal(`no room on the disk of ${path}`)
  return new StoreRefusal(`cannot open ${path}: ${cause instanceof Error ? cause.message : String(cause)}`)
}

export interface OpenDatabase {
  readonly db: Database.Database
  close(): void
}

/** @throws StoreRefusal */
export const openDatabase = ({ path, synchronous = 'FULL', migrations = MIGRATIONS }: OpenOptions): OpenDatabase => {
  let held: Database.Database | undefined
  let db: Database.Database | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    held = lock(path)
    db = new Database(path, { timeout: 2_000 })
    if (!isOurs(db)) throw new StoreRefusal(`${path} is not a database of this relay`)
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    // What is erased is overwritten, not only unlinked.
    db.pragma('secure_delete = ON')
    db.pragma('temp_store = MEMORY')
    // 4 MB: the system keeps what is read often; SQLite's 16 would be a second copy of it.
    db.pragma('cache_size = -4000')
    db.pragma('journal_size_limit = 64000000')
    migrate(db, path, migrations)
  } catch (cause) {
    db?.close()
    held?.close()
    throw asRefusal(path, cause)
  }
  const open = { db, held }
  return {
    db,
    close() {
      open.db.close()
      open.held.close()
    }
  }
}
