import type { LogFailure } from '#app/store/ports.ts'
import type { Result } from '#core/result.ts'
import { createConnection } from './connection.ts'
import { deleteDatabase, type Marker, type Parting, SCHEMA_VERSION } from './database.ts'
import type { Engine } from './engine.ts'
import { createHints, type HintChannel } from './hints.ts'
import { inTransaction } from './indexeddb-transaction.ts'
import { createLogOver, type Log } from './log.ts'

export interface LogOptions {
  /** Carries the profile's id: `council-<profile>`. */
  readonly name: string
  readonly indexedDB?: IDBFactory
  /** Carries hints between tabs; closed with the log. Default: a BroadcastChannel under the database's name. */
  readonly channel?: HintChannel
  /** Default: nothing is remembered outside, so an eviction looks like a first visit. */
  readonly marker?: Marker
  /** This tab's connection has ended, and why: time to tell the person. */
  readonly onParting?: (parting: Parting) => void
  /** Default: SCHEMA_VERSION. Tests open as a later version of the app will. */
  readonly version?: number
}

export type DeviceLog = Log & {
  /** Opens now instead of with the first verb, to learn how it stands. Called again after 'blocked', it tells whether that is over. */
  open(): Promise<Result<void, LogFailure>>
  /** After 'evicted': the person knows, and begins with an empty database. */
  beginAgain(): Promise<Result<void, LogFailure>>
  /** Deletes the database and its marker; other tabs let go of it and say 'closed'. */
  destroy(): Promise<Result<void, LogFailure>>
}

/** One profile's log in IndexedDB. Nothing is opened before the first verb. */
export const createLog = (options: LogOptions): DeviceLog => {
  const factory = options.indexedDB ?? indexedDB
  const marker = options.marker ?? { isSet: () => false, set: () => {}, clear: () => {} }
  const hints = createHints(options.channel ?? new BroadcastChannel(`${options.name}/changes`))
  const connection = createConnection(
    { name: options.name, version: options.version ?? SCHEMA_VERSION, factory, marker },
    options.onParting ?? (() => {})
  )
  const engine: Engine = {
    transact: (plan, body) => inTransaction(connection, plan, body),
    announce: hints.announce,
    subscribe: hints.subscribe,
    close: async () => {
      hints.close()
      connection.close()
    }
  }
  return {
    ...createLogOver(engine),
    open: () => connection.open(false),
    beginAgain: () => connection.open(true),
    destroy: async () => {
      hints.close()
      connection.close()
      const deleted = await deleteDatabase(factory, options.name)
      if (deleted.ok) marker.clear()
      return deleted
    }
  }
}
