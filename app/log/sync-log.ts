import type { DocPath, LogFailure, RelayName, SealedRow, SyncLog } from '#app/store/ports.ts'
import { seq } from '#core/ids.ts'
import { ok, type Result } from '#core/result.ts'
import { AUTHOR_TABLES, beginAuthor, everyDocument, reroot } from './authority.ts'
import { type Engine, EVERYTHING, type Transaction } from './engine.ts'
import {
  ACK_TABLES,
  acknowledge,
  dropSealed,
  keepSealed,
  openCounters,
  readAuthor,
  replaceSealed,
  SEALING_TABLES
} from './outbox.ts'
import { inPlace } from './rows.ts'
import { forgetRelay, RECEIVE_TABLES, REWIND_TABLES, readShard, receive, rewind } from './shards.ts'
import { DOCUMENT_TABLES } from './tables.ts'

/** Sync's half of the log: see SyncLog in app/store/ports.ts for what each verb promises. */
export const createSyncLog = (engine: Engine): SyncLog => {
  const announcing = async <Value, Failure>(
    docs: readonly DocPath[],
    work: Promise<Result<Value, Failure>>
  ): Promise<Result<Value, Failure>> => {
    const result = await work
    if (result.ok) engine.announce(docs)
    return result
  }

  return {
    ...reading(engine),

    keepSealed: (doc, sealed) =>
      engine.transact({ operation: 'keepSealed', mode: 'durable', tables: SEALING_TABLES }, (tx) =>
        keepSealed(tx, doc, sealed)
      ),

    replaceSealed: (doc, sealed) =>
      engine.transact({ operation: 'replaceSealed', mode: 'durable', tables: SEALING_TABLES }, (tx) =>
        replaceSealed(tx, doc, sealed)
      ),

    acknowledge: (doc, relay, acks) =>
      engine.transact({ operation: 'acknowledge', mode: 'write', tables: ACK_TABLES }, async (tx) => {
        await acknowledge(tx, doc, relay, acks)
        return ok(undefined)
      }),

    dropSealed: (doc, counter, relays = []) =>
      engine.transact({ operation: 'dropSealed', mode: 'write', tables: ['sealed', 'acks'] }, async (tx) => {
        await dropSealed(tx, doc, counter, relays)
        return ok(undefined)
      }),

    receive: (doc, relay, received) =>
      announcing(
        received.updates.length > 0 ? [doc] : [],
        engine.transact({ operation: 'receive', mode: 'write', tables: RECEIVE_TABLES }, (tx) =>
          receive(tx, doc, relay, received)
        )
      ),

    rewind: (doc, relay, to) =>
      engine.transact({ operation: 'rewind', mode: 'durable', tables: REWIND_TABLES }, async (tx) => {
        await rewind(tx, doc, relay, to)
        return ok(undefined)
      }),

    noteHeld: (doc, relay, held) =>
      engine.transact({ operation: 'noteHeld', mode: 'write', tables: ['shards'] }, async (tx) => {
        const shard = await readShard(tx, doc, relay)
        if (held > shard.heldElsewhere) tx.put('shards', [doc, relay], { ...shard, heldElsewhere: seq(held) })
        return ok(undefined)
      }),

    forgetRelay: (relay) =>
      engine.transact({ operation: 'forgetRelay', mode: 'durable', tables: REWIND_TABLES }, async (tx) => {
        await forgetRelay(tx, relay)
        return ok(undefined)
      }),

    beginAuthor: () =>
      engine.transact({ operation: 'beginAuthor', mode: 'durable', tables: AUTHOR_TABLES }, async (tx) => {
        await beginAuthor(tx)
        return ok(undefined)
      }),

    reroot: async () => {
      let docs: readonly DocPath[] = []
      const result: Result<void, LogFailure> = await engine.transact(
        { operation: 'reroot', mode: 'durable', tables: ['meta', ...DOCUMENT_TABLES] },
        async (tx) => {
          docs = await reroot(tx)
          return ok(undefined)
        }
      )
      if (result.ok) engine.announce(docs)
      return result
    },

    keepProof: (kind, key, bytes) =>
      engine.transact({ operation: 'keepProof', mode: 'durable', tables: ['proofs'] }, async (tx) => {
        tx.put('proofs', [kind, key], { kind, key, bytes })
        return ok(undefined)
      }),

    forget: async (docs) => {
      let forgotten: readonly DocPath[] = docs === 'all' ? [] : docs
      const work = engine.transact({ operation: 'forget', mode: 'durable', tables: DOCUMENT_TABLES }, async (tx) => {
        if (docs === 'all') forgotten = await everyDocument(tx)
        const ranges = docs === 'all' ? [EVERYTHING] : docs.map((doc) => ({ prefix: [doc] }))
        for (const table of DOCUMENT_TABLES) for (const range of ranges) tx.deleteAll(table, range)
        return ok(undefined)
      })
      const result: Result<void, LogFailure> = await work
      if (result.ok) engine.announce(forgotten)
      return result
    }
  }
}

type Reading = Pick<SyncLog, 'waiting' | 'unsealed' | 'unacknowledged' | 'author' | 'shard' | 'proofs'>

const reading = (engine: Engine): Reading => ({
  waiting: (relay) =>
    engine.transact({ operation: 'waiting', mode: 'read', tables: ['outbox', 'sealed', 'acks', 'acked'] }, async (tx) =>
      ok(await waitingDocuments(tx, relay))
    ),

  unsealed: (doc) =>
    engine.transact({ operation: 'unsealed', mode: 'read', tables: ['rows', 'outbox'] }, async (tx) => {
      const [keys, counters] = await Promise.all([
        tx.keys('outbox', { prefix: [doc] }),
        tx.all('outbox', { prefix: [doc] })
      ])
      const open = keys.filter((_, index) => counters[index] === 0)
      const rows = await Promise.all(open.map((key) => tx.get('rows', key)))
      return ok(inPlace(rows.filter((row) => row !== undefined)))
    }),

  unacknowledged: (doc, relay) =>
    engine.transact({ operation: 'unacknowledged', mode: 'read', tables: ['sealed', 'acks', 'acked'] }, async (tx) => {
      const counters = await openCounters(tx, doc, relay)
      const rows = await Promise.all(counters.map((counter) => tx.get('sealed', [doc, counter])))
      return ok(rows.filter((row): row is SealedRow => row !== undefined))
    }),

  author: (doc) =>
    engine.transact({ operation: 'author', mode: 'read', tables: ['authors'] }, async (tx) =>
      ok(await readAuthor(tx, doc))
    ),

  shard: (doc, relay) =>
    engine.transact({ operation: 'shard', mode: 'read', tables: ['shards'] }, async (tx) =>
      ok(await readShard(tx, doc, relay))
    ),

  proofs: () =>
    engine.transact({ operation: 'proofs', mode: 'read', tables: ['proofs'] }, async (tx) =>
      ok(await tx.all('proofs', EVERYTHING))
    )
})

/** The outbox alone does not tell: what one relay has confirmed may still wait for another. */
const waitingDocuments = async (tx: Transaction, relay: RelayName): Promise<readonly DocPath[]> => {
  const [local, sealed] = await Promise.all([tx.heads('outbox'), tx.heads('sealed')])
  const waiting: DocPath[] = []
  for (const doc of [...new Set([...local, ...sealed])].sort() as DocPath[]) {
    const [states, open] = await Promise.all([tx.all('outbox', { prefix: [doc] }), openCounters(tx, doc, relay)])
    if (states.includes(0) || open.length > 0) waiting.push(doc)
  }
  return waiting
}
