import { err, ok, type Result } from '#core/result.ts'
import type { StoreConfig } from '#server/config-store.ts'
import { beside, readOrMakeSecret } from '#server/ops/key-file.ts'
import type { UpdateLog } from '#server/rooms/open-ports.ts'
import type { EntryLog, EntryLogAdmin } from '#server/rooms/ports.ts'
import { openPostgresLog } from '#server/storage/postgres/postgres-log.ts'
import { openSqliteLog } from '#server/storage/sqlite/sqlite-log.ts'

/** Secrets belong to the store, not to one relay: devices pin the key of whichever relay they met first. */
export interface Secrets {
  /** Made once, by whoever asks first. */
  secret(name: 'relay-key.pem' | 'open-rooms.secret', make: () => string): Promise<string>
  close(): Promise<void>
}

/** Whatever keeps what relays take, as the composition needs it. */
export interface RelayStore extends EntryLog, EntryLogAdmin, Secrets {
  readonly updates: UpdateLog
  /** Resolves, with the reason, when nothing can be kept any more. */
  readonly failed: Promise<string>
  /** Many have left: gives back the memory that served them. */
  rest(): Promise<void>
  /** Other relays append to it too. */
  readonly isShared: boolean
}

export interface RelayStoreOptions {
  readonly config: StoreConfig
  readonly now: () => number
  readonly rootBytes: number
  readonly roomBytes: number
  /** Largest size of the database file. */
  readonly storeBytes: number | undefined
  /** Takes lines for the host's log. */
  readonly report: (line: string) => void
}

/** As many as the store of one command may need. */
const FEWEST_CONNECTIONS = 3

const secretFile =
  (databasePath: string): Secrets['secret'] =>
  async (name, make) =>
    readOrMakeSecret(beside(databasePath, name), make)

/** Why there is no store, as one line for the host; `isAway`: nothing is wrong with the setting, the server is not there yet. */
export interface StoreRefusal {
  readonly line: string
  readonly isAway: boolean
}

export const openRelayStore = async (options: RelayStoreOptions): Promise<Result<RelayStore, StoreRefusal>> => {
  const { config, now, rootBytes, roomBytes, storeBytes, report } = options
  if (config.kind === 'postgres') {
    const { url, connections: poolSize } = config
    const opened = await openPostgresLog({ url, poolSize, now, rootBytes, roomBytes, report })
    return opened.ok ? ok({ ...opened.value, isShared: true }) : opened
  }
  const opened = await openSqliteLog({
    path: config.path,
    ledgerPath: beside(config.path, 'erasures'),
    now,
    rootBytes,
    roomBytes,
    synchronous: config.synchronous,
    ...(storeBytes === undefined ? {} : { maxBytes: storeBytes })
  })
  if (!opened.ok) return err({ line: opened.error, isAway: false })
  return ok({ ...opened.value, isShared: false, secret: secretFile(config.path) })
}

/** The secrets alone, also while a relay has the store. */
export const openSecrets = async (config: StoreConfig): Promise<Result<Secrets, StoreRefusal>> =>
  config.kind === 'sqlite'
    ? ok({ secret: secretFile(config.path), close: async () => {} })
    : openPostgresLog({ url: config.url, now: () => 0, rootBytes: 0, poolSize: FEWEST_CONNECTIONS })
