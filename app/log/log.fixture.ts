import type { DocPath, LogFailure, Received, RelayName, RowId, SealedRow } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type DeviceId, seq } from '#core/ids.ts'
import type { Result } from '#core/result.ts'
import type { Log } from './log.ts'

/** Two tabs on one empty database, and what must be closed afterwards. */
export interface LogUnderTest extends AsyncDisposable {
  readonly log: Log
  readonly other: Log
}

export type OpenLogs = () => Promise<LogUnderTest>

export const journal = 'journal/2026/0' as DocPath
export const library = 'library' as DocPath
export const relay = 'relay.example' as RelayName
export const mirror = 'mirror.example' as RelayName

export const bytes = (...values: number[]) => new Uint8Array(values)
export const hash = (fill: number) => new Uint8Array(16).fill(fill)
export const cursor = (at: number) => ({ seq: seq(at), hash: at === 0 ? EMPTY_CHAIN_HASH : hash(at) })
export const ids = (rows: readonly { readonly id: RowId }[]) => rows.map((row) => row.id)
export const updates = (rows: readonly { readonly update: Uint8Array }[]) => rows.map((row) => [...row.update])

export const must = async <Value, Failure>(work: Promise<Result<Value, Failure>>): Promise<Value> => {
  const result = await work
  if (!result.ok) throw new Error(`expected success, got ${JSON.stringify(result.error)}`)
  return result.value
}
export const refusal = async (
  work: Promise<Result<unknown, LogFailure | { readonly kind: 'raced' }>>
): Promise<string> => {
  const result = await work
  return result.ok ? 'no refusal' : result.error.kind
}

export const sealedRow = (counter: number, rows: readonly RowId[], epoch = 0): SealedRow => ({
  counter,
  bytes: bytes(100, counter, epoch),
  digest: new Uint8Array(32).fill(counter),
  innerHash: hash(counter + 100 * epoch),
  rows,
  epoch
})

export const received = (from: number, to: number, more: Partial<Received> = {}): Received => ({
  from: cursor(from),
  to: cursor(to),
  updates: [],
  covers: [],
  opaque: [],
  tailBytes: 0,
  snapshotBytes: 0,
  own: [],
  ...more
})

export const ack = (counter: number, at: number) => ({ counter, seq: seq(at) })
export const counters = async (log: Log, doc: DocPath, at: RelayName) =>
  (await must(log.unacknowledged(doc, at))).map((row) => row.counter)

export const cover = (counter: number) => ({
  device: 'aabbccdd00112233' as DeviceId,
  counter,
  innerHash: hash(counter),
  certificate: bytes(5)
})

/** Rows of the journal that a relay has, with what it takes to get there. */
export const confirmedRows = async (log: Log, count: number): Promise<readonly RowId[]> => {
  const made: RowId[] = []
  for (let n = 1; n <= count; n++) made.push(await must(log.appendLocal(journal, bytes(n))))
  const author = await must(log.author(journal))
  await must(log.keepSealed(journal, sealedRow(author.counter + 1, made)))
  await must(log.acknowledge(journal, relay, [ack(author.counter + 1, 1)]))
  return made
}
