import type { AuthorState, DocPath, RelayName, RowId, SealedRow } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { Seq } from '#core/ids.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Range, Transaction } from './engine.ts'
import { tight } from './rows.ts'
import type { TableName } from './tables.ts'

export const RACED = { kind: 'raced' } as const
export type Raced = typeof RACED
export type Ack = { readonly counter: number; readonly seq: Seq }

export const SEALING_TABLES: readonly TableName[] = ['rows', 'outbox', 'sealed', 'authors', 'acks']
export const ACK_TABLES: readonly TableName[] = ['outbox', 'sealed', 'acks', 'acked']

const NEW_AUTHOR: AuthorState = { counter: 0, innerHash: EMPTY_CHAIN_HASH }

export const readAuthor = async (tx: Transaction, doc: DocPath): Promise<AuthorState> =>
  (await tx.get('authors', [doc])) ?? NEW_AUTHOR

const tightRow = (sealed: SealedRow): SealedRow => ({
  ...sealed,
  bytes: tight(sealed.bytes),
  digest: tight(sealed.digest),
  innerHash: tight(sealed.innerHash)
})

/** The counter is taken and the bytes are kept in one transaction: two tabs that both seal cannot both win. */
export const keepSealed = async (tx: Transaction, doc: DocPath, sealed: SealedRow): Promise<Result<void, Raced>> => {
  const [author, states] = await Promise.all([
    readAuthor(tx, doc),
    Promise.all(sealed.rows.map((id) => tx.get('outbox', [doc, id])))
  ])
  if (sealed.counter !== author.counter + 1 || states.some((state) => state !== 0)) return err(RACED)
  const row = tightRow(sealed)
  tx.put('sealed', [doc, row.counter], row)
  tx.put('authors', [doc], { counter: row.counter, innerHash: row.innerHash })
  for (const id of row.rows) tx.put('outbox', [doc, id], row.counter)
  return ok(undefined)
}

/** Bytes that any relay has acknowledged are in a log: they can never be replaced. */
export const replaceSealed = async (tx: Transaction, doc: DocPath, sealed: SealedRow): Promise<Result<void, Raced>> => {
  const [kept, author, acks] = await Promise.all([
    tx.get('sealed', [doc, sealed.counter]),
    readAuthor(tx, doc),
    tx.keys('acks', { prefix: [doc] })
  ])
  const acknowledged = acks.some((key) => key[2] === sealed.counter)
  if (kept === undefined || acknowledged || sealed.epoch <= kept.epoch || !sameRows(kept.rows, sealed.rows))
    return err(RACED)
  const row = tightRow(sealed)
  tx.put('sealed', [doc, row.counter], row)
  // The inner hash binds the epoch, so the author's line changes with it.
  if (author.counter === row.counter) tx.put('authors', [doc], { counter: row.counter, innerHash: row.innerHash })
  return ok(undefined)
}

const sameRows = (a: readonly RowId[], b: readonly RowId[]): boolean =>
  a.length === b.length && a.every((id, index) => id === b[index])

const openRange = async (
  tx: Transaction,
  doc: DocPath,
  relay: RelayName
): Promise<{ readonly sealed: Range; readonly acks: Range }> => {
  const after = (await tx.get('acked', [doc, relay])) ?? 0
  return { sealed: { prefix: [doc], after }, acks: { prefix: [doc, relay], after } }
}

/** Counters that are kept and that this relay has not acknowledged, ascending. */
export const openCounters = async (tx: Transaction, doc: DocPath, relay: RelayName): Promise<readonly number[]> => {
  const range = await openRange(tx, doc, relay)
  const [sealed, acks] = await Promise.all([tx.keys('sealed', range.sealed), tx.keys('acks', range.acks)])
  const acknowledged = new Set(acks.map((key) => key[2]))
  return sealed.map((key) => key[1] as number).filter((counter) => !acknowledged.has(counter))
}

export const acknowledge = async (
  tx: Transaction,
  doc: DocPath,
  relay: RelayName,
  acks: readonly Ack[]
): Promise<void> => {
  const known = await Promise.all(acks.map((ack) => tx.get('sealed', [doc, ack.counter])))
  acks.forEach((ack, index) => {
    const sealed = known[index]
    if (sealed === undefined) return
    tx.put('acks', [doc, relay, ack.counter], ack.seq)
    for (const id of sealed.rows) tx.delete('outbox', [doc, id])
  })
  await raiseAcked(tx, doc, relay)
}

const raiseAcked = async (tx: Transaction, doc: DocPath, relay: RelayName): Promise<void> => {
  const range = await openRange(tx, doc, relay)
  const [sealed, acks] = await Promise.all([tx.keys('sealed', range.sealed), tx.keys('acks', range.acks)])
  const acknowledged = new Set(acks.map((key) => key[2]))
  const firstOpen = sealed.findIndex((key) => !acknowledged.has(key[1] as number))
  const through = firstOpen === -1 ? sealed.at(-1) : sealed[firstOpen - 1]
  if (through !== undefined) tx.put('acked', [doc, relay], through[1] as number)
}

/** Forgets what this relay acknowledged past `seq`: those sealed rows are sent again, as the same bytes. */
export const forgetAcks = async (tx: Transaction, doc: DocPath, relay: RelayName, seq: Seq): Promise<void> => {
  const range: Range = { prefix: [doc, relay] }
  const [keys, seqs] = await Promise.all([tx.keys('acks', range), tx.all('acks', range)])
  const lost = keys.filter((_, index) => (seqs[index] ?? 0) > seq)
  for (const key of lost) tx.delete('acks', key)
  const lowest = lost[0]?.[2] as number | undefined
  if (lowest === undefined) return
  const acked = (await tx.get('acked', [doc, relay])) ?? 0
  if (acked >= lowest) tx.put('acked', [doc, relay], lowest - 1)
}

/** Drops sealed bytes up to `counter`, as far as some relay, and each of `relays`, has acknowledged them. */
export const dropSealed = async (
  tx: Transaction,
  doc: DocPath,
  counter: number,
  relays: readonly RelayName[]
): Promise<void> => {
  const acks = await tx.keys('acks', { prefix: [doc] })
  const relaysByCounter = new Map<number, Set<unknown>>()
  for (const [, relay, acknowledged] of acks as readonly (readonly [DocPath, RelayName, number])[])
    relaysByCounter.set(acknowledged, (relaysByCounter.get(acknowledged) ?? new Set()).add(relay))
  const isDone = (acknowledged: number): boolean =>
    acknowledged <= counter && relays.every((relay) => relaysByCounter.get(acknowledged)?.has(relay))
  for (const key of acks) {
    const acknowledged = key[2] as number
    if (!isDone(acknowledged)) continue
    tx.delete('acks', key)
    tx.delete('sealed', [doc, acknowledged])
  }
}
