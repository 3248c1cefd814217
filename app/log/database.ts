import { type IDBPDatabase, wrap } from 'idb'
import type { LogFailure } from '#app/store/ports.ts'
import { err, ok, type Result } from '#core/result.ts'
import { TABLE_NAMES } from './tables.ts'

/** Raised with every change of the tables. An app of an older version refuses a newer database and leaves it as it is. */
export const SCHEMA_VERSION = 1

export type Database = IDBPDatabase

/**
 * Says outside the database that there is one: what the browser threw away is then not mistaken for a first visit.
 * (Some browsers throw away both together: no marker, no claim.)
 */
export interface Marker {
  isSet(): boolean
  set(): void
  clear(): void
}

export type Parting =
  /** A later version of the app is waiting to upgrade the database. */
  | 'upgrade'
  /** The database is being erased, by this tab or another. */
  | 'erased'
  /** The browser closed the connection. The next verb opens it again, and finds out whether anything is left. */
  | 'lost'

export interface Opening {
  readonly name: string
  readonly version: number
  readonly factory: IDBFactory
  readonly marker: Marker
  /** The person chose to begin again after an eviction. */
  readonly beginAgain: boolean
  readonly onParting: (parting: Parting) => void
}

/** An attempt that another tab blocks is answered at once, and goes on: `settled` has its end. */
export interface Attempt {
  readonly first: Promise<Result<Database, LogFailure>>
  readonly settled: Promise<Result<Database, LogFailure>>
}

export const openDatabase = (opening: Opening): Attempt => {
  const { promise: blocked, resolve: block } = Promise.withResolvers<Result<Database, LogFailure>>()
  const settled = new Promise<Result<Database, LogFailure>>((resolve) => {
    let evicted = false
    const request = opening.factory.open(opening.name, opening.version)
    request.onblocked = () => block(err({ kind: 'blocked' }))
    request.onupgradeneeded = (event) => {
      evicted = event.oldVersion === 0 && opening.marker.isSet() && !opening.beginAgain
      // Aborting leaves no empty database behind: until the person decides, each start says the same.
      if (evicted) request.transaction?.abort()
      else upgrade(request.result, event.oldVersion)
    }
    request.onsuccess = () => {
      opening.marker.set()
      listen(request.result, opening.onParting)
      resolve(ok(wrap(request.result)))
    }
    request.onerror = () => {
      if (evicted) return resolve(err({ kind: 'evicted' }))
      failureOfOpening(opening, request.error).then((failure) => resolve(err(failure)))
    }
  })
  return { first: Promise.race([settled, blocked]), settled }
}

const upgrade = (database: IDBDatabase, from: number): void => {
  if (from < 1) for (const name of TABLE_NAMES) database.createObjectStore(name)
}

const listen = (database: IDBDatabase, part: (parting: Parting) => void): void => {
  database.onversionchange = (event) => {
    database.close()
    part(event.newVersion === null ? 'erased' : 'upgrade')
  }
  database.onclose = () => part('lost')
}

const failureOfOpening = async (opening: Opening, error: DOMException | null): Promise<LogFailure> => {
  if (error?.name !== 'VersionError') return failureOf(error)
  const databases = (await opening.factory.databases?.()) ?? []
  return { kind: 'newer', version: databases.find((each) => each.name === opening.name)?.version ?? 0 }
}

/** @param error what a request, a transaction or idb threw. */
export const failureOf = (error: unknown): LogFailure => {
  const name = error instanceof Error || error instanceof DOMException ? error.name : 'unknown'
  if (name === 'QuotaExceededError') return { kind: 'quota' }
  return {
    kind: 'io',
    reason: error instanceof Error || error instanceof DOMException ? `${name}: ${error.message}` : name
  }
}

/** Every tab lets go when asked; one that is frozen cannot, and is reported as 'blocked'. */
export const deleteDatabase = (factory: IDBFactory, name: string): Promise<Result<void, LogFailure>> =>
  new Promise((resolve) => {
    const request = factory.deleteDatabase(name)
    request.onsuccess = () => resolve(ok(undefined))
    request.onblocked = () => resolve(err({ kind: 'blocked' }))
    request.onerror = () => resolve(err(failureOf(request.error)))
  })
