import { createHash } from 'node:crypto'
import type { ErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH, nextChainHash } from '#core/chain.ts'
import { type RootId, type ShardId, seq } from '#core/ids.ts'
import type { EntryLog, EntryLogAdmin, StoredSnapshot } from './ports.ts'

/** What the entry log's contract is written in. */

export type Log = EntryLog & EntryLogAdmin

/** A store's disk: opened several times, one after the other. */
export interface LogPlace {
  /** Quota of each root in bytes. */
  open(rootBytes?: number): Promise<Log>
  /** Milliseconds since 1970 UTC, as the store sees it. */
  setNow(ms: number): void
  /** Puts an empty store in place of the data, but leaves the erasure ledger, as a restore from a backup does. The log is closed. */
  wipe(): Promise<void>
  /** Makes the disk full for the log that is open, and gives the room back. */
  fill(log: Log): Promise<() => Promise<void>>
  [Symbol.asyncDispose](): Promise<void>
}

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
export const rootA = 'AAAAAAAAAAAAAAAAAAAAAA' as RootId
export const rootB = 'BBBBBBBBBBBBBBBBBBBBBB' as RootId
export const shard = (n: number): ShardId => n.toString(16).padStart(32, '0') as ShardId
export const a1 = { root: rootA, shard: shard(1) }
export const a2 = { root: rootA, shard: shard(2) }
export const b1 = { root: rootB, shard: shard(1) }
export const bytes = (text: string, size = text.length): Uint8Array => {
  const out = new Uint8Array(Math.max(size, text.length))
  out.set(new TextEncoder().encode(text))
  return out
}
export const entries = (...texts: string[]): Uint8Array[] => texts.map((text) => bytes(text))
export const proofOf = (root: RootId, of?: ShardId): ErasureProof => ({
  scope: of === undefined ? { kind: 'root', root } : { kind: 'shard', root, shard: of },
  rootKey: new Uint8Array(32).fill(7),
  signature: new Uint8Array(64).fill(9)
})
export const certificate = bytes('certificate of epoch 0')

export const value = <Value>(result: { ok: true; value: Value } | { ok: false; error: { kind: string } }): Value => {
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return result.value
}
export const refusal = (result: { ok: true } | { ok: false; error: { kind: string } }): string =>
  result.ok ? 'accepted' : result.error.kind

export const append = async (log: Log, ref: typeof a1, list: readonly Uint8Array[], epoch = 0) => {
  const [result] = await log.append([{ ...ref, entries: list, epoch }])
  if (result === undefined) throw new Error('a result for each request')
  return result
}

export const chainOf = (ref: typeof a1, list: readonly Uint8Array[]): Uint8Array[] => {
  const hashes = [EMPTY_CHAIN_HASH]
  for (const [index, entry] of list.entries()) {
    hashes.push(
      nextChainHash(sha256, { ...ref, seq: seq(index + 1) }, hashes[index] ?? EMPTY_CHAIN_HASH, sha256(entry))
    )
  }
  return hashes
}

export const snapshotTo = (
  to: number,
  hashTo: Uint8Array | undefined,
  body = bytes(`snapshot to ${to}`)
): StoredSnapshot => ({
  from: seq(1),
  to: seq(to),
  hashTo: hashTo ?? EMPTY_CHAIN_HASH,
  bytes: body
})

export const readAll = async (log: Log, ref: typeof a1, from = 0, hash: Uint8Array = EMPTY_CHAIN_HASH) =>
  value(await log.readAfter(ref, seq(from), hash, 1_000_000))

export const texts = (list: readonly { readonly bytes: Uint8Array }[]): string[] =>
  list.map((entry) => new TextDecoder().decode(entry.bytes))

export type WithLog = (run: (log: Log, at: LogPlace) => Promise<void>, rootBytes?: number) => Promise<void>

/** Runs on a log of an empty place that knows both roots. */
export const onEmptyLog =
  (place: () => Promise<LogPlace>): WithLog =>
  async (run, rootBytes) => {
    await using at = await place()
    const log = await at.open(rootBytes)
    value(await log.adopt(rootA, 0, certificate))
    value(await log.adopt(rootB, 0, certificate))
    try {
      await run(log, at)
    } finally {
      await log.close()
    }
  }
