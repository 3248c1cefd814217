import { err, ok, type Result } from '#core/result.ts'
import type { UpdateLog } from '#server/rooms/open-ports.ts'
import type { Appended, EntryLog, EntryLogAdmin, NewEntries, StoreFailure } from '#server/rooms/ports.ts'
import { createAppending } from './appending.ts'
import { createEntries } from './entries.ts'
import { asStoreFailure } from './failure.ts'
import { createGroupCommit } from './group-commit.ts'
import { type OpenRefusal, openStore } from './open-store.ts'
import { wholeOf } from './packing.ts'
import { createPostgresUpdateLog } from './postgres-update-log.ts'
import type { Migration } from './schema.ts'
import { secretOf } from './secrets.ts'
import { createSnapshots } from './snapshots.ts'
import { createSweeper } from './sweeper.ts'

export interface PostgresLogOptions {
  /** postgres://user:password@host:port/database, of Postgres 15 or newer, or of PgBouncer before it. */
  readonly url: string
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** Live bytes a root may hold; its graveyard may hold as many again. */
  readonly rootBytes: number
  /** Bytes an open room may hold, base and rows together. */
  readonly roomBytes?: number
  /** Connections of this relay at the most, at least 3. */
  readonly poolSize?: number
  /** A statement that takes longer is given up. */
  readonly statementMs?: number
  /** A connection that takes longer is given up. */
  readonly connectMs?: number
  /** Where the tables are, a name that SQL needs no quotes for; erasures go beside it into <schema>_erasures. */
  readonly schema?: string
  /** Takes lines for the host's log. */
  readonly report?: (line: string) => void
  /** Other than this version's: for tests. */
  readonly migrations?: readonly Migration[]
}

export interface PostgresLog extends EntryLog, EntryLogAdmin {
  /** Open rooms, in the same database. */
  readonly updates: UpdateLog
  /** Never resolves: a database that is away is asked again with each request. */
  readonly failed: Promise<string>
  /** What all relays of the store share: the first makes it, all get the same. Rejects where the store fails. */
  secret(name: string, make: () => string): Promise<string>
  /** Resolves when nothing that was replaced or erased is left in the tables. */
  swept(): Promise<void>
  rest(): Promise<void>
}

/** What the y-websocket documents in use need at the most, with room for a compaction's two copies. */
const ROOM_BYTES = 64_000_000
const POOL_SIZE = 10
const STATEMENT_MS = 30_000
const CONNECT_MS = 5_000
const SCHEMA = 'council'
/** Graves opened in one transaction: a long purge must not hold up commits. */
const GRAVES_PER_PURGE = 20

type Answer<Value> = Result<Value, StoreFailure>

const sizeOf = ({ entries }: NewEntries): number => entries.reduce((sum, entry) => sum + entry.byteLength, 0)

export const openPostgresLog = async (options: PostgresLogOptions): Promise<Result<PostgresLog, OpenRefusal>> => {
  const { schema = SCHEMA, now, report = () => {}, migrations } = options
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema))
    return err({ line: 'the schema must be a plain lower-case name', isAway: false })
  const rootBytes = wholeOf(options.rootBytes)
  const roomBytes = wholeOf(options.roomBytes ?? ROOM_BYTES)
  const schemas = { store: schema, ledger: `${schema}_erasures` }
  const opened = await openStore({
    url: options.url,
    poolSize: options.poolSize ?? POOL_SIZE,
    statementMs: options.statementMs ?? STATEMENT_MS,
    connectMs: options.connectMs ?? CONNECT_MS,
    report,
    schemas,
    ...(migrations === undefined ? {} : { migrations })
  })
  if (!opened.ok) return opened
  const db = opened.value
  const sweeper = createSweeper(db, schemas)
  sweeper.wake()
  const entries = createEntries(db, schemas, sweeper)
  const snapshots = createSnapshots(db, schemas, rootBytes, now)
  const appends = createGroupCommit<NewEntries, Answer<Appended>>({
    commit: createAppending(db, schemas, rootBytes),
    keyOf: ({ root }) => root,
    sizeOf
  })

  /** After the appends under this root that were asked for before. */
  const guard = async <Value>(root: string, run: () => Promise<Answer<Value>>): Promise<Answer<Value>> => {
    try {
      await appends.settled(root)
      return await run()
    } catch (cause) {
      return err(asStoreFailure(cause))
    }
  }

  return ok({
    root: (root) => guard(root, () => entries.root(root)),
    adopt: (root, epoch, certificate) => guard(root, () => entries.adopt(root, epoch, certificate)),
    append: appends.add,
    readAfter: (ref, after, hashAfter, limit) => guard(ref.root, () => entries.readAfter(ref, after, hashAfter, limit)),
    readSnapshot: (ref, to, index) => guard(ref.root, () => snapshots.read(ref, to, index)),
    head: (ref) =>
      guard(ref.root, async () => (await entries.heads([ref]))[0] ?? err({ kind: 'store', reason: 'no answer' })),
    async heads(shards) {
      try {
        await appends.allSettled(shards.map(({ root }) => root))
        return await entries.heads(shards)
      } catch (cause) {
        return shards.map(() => err(asStoreFailure(cause)))
      }
    },
    snapshot: (ref, epoch, snapshot) => guard(ref.root, () => snapshots.swap(ref, epoch, snapshot)),
    erase: (proof, erasedAt) => guard(proof.scope.root, () => entries.erase(proof, erasedAt)),
    async purge(before) {
      sweeper.wake()
      for (let total = 0; ; ) {
        const { purged, isDone } = await entries.purge(before, GRAVES_PER_PURGE)
        total += purged
        if (isDone) return total
      }
    },
    usage: entries.usage,
    updates: createPostgresUpdateLog({ db, schemas, sweeper, roomBytes }),
    failed: new Promise<string>(() => {}),
    secret: (name, make) => secretOf(db, schemas, name, make),
    swept: sweeper.sweep,
    async rest() {},
    async close() {
      await sweeper.stop()
      await db.close()
    }
  })
}
