import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ErasureProof } from '#core/certificate.ts'
import { EMPTY_CHAIN_HASH, nextChainHash } from '#core/chain.ts'
import { type RootId, type Seq, type ShardId, seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import type { EntryLog, EntryLogAdmin, StoredSnapshot } from './ports.ts'

type Log = EntryLog & EntryLogAdmin

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

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const rootA = 'AAAAAAAAAAAAAAAAAAAAAA' as RootId
const rootB = 'BBBBBBBBBBBBBBBBBBBBBB' as RootId
const shard = (n: number): ShardId => n.toString(16).padStart(32, '0') as ShardId
const a1 = { root: rootA, shard: shard(1) }
const a2 = { root: rootA, shard: shard(2) }
const b1 = { root: rootB, shard: shard(1) }
const bytes = (text: string, size = text.length): Uint8Array => {
  const out = new Uint8Array(Math.max(size, text.length))
  out.set(new TextEncoder().encode(text))
  return out
}
const entries = (...texts: string[]): Uint8Array[] => texts.map((text) => bytes(text))
const proofOf = (root: RootId, of?: ShardId): ErasureProof => ({
  scope: of === undefined ? { kind: 'root', root } : { kind: 'shard', root, shard: of },
  rootKey: new Uint8Array(32).fill(7),
  signature: new Uint8Array(64).fill(9)
})
const certificate = bytes('certificate of epoch 0')

const value = <Value>(result: { ok: true; value: Value } | { ok: false; error: { kind: string } }): Value => {
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return result.value
}
const refusal = (result: { ok: true } | { ok: false; error: { kind: string } }): string =>
  result.ok ? 'accepted' : result.error.kind

const append = async (log: Log, ref: typeof a1, list: readonly Uint8Array[], epoch = 0) => {
  const [result] = await log.append([{ ...ref, entries: list, epoch }])
  if (result === undefined) throw new Error('a result for each request')
  return result
}

const chainOf = (ref: typeof a1, list: readonly Uint8Array[]): Uint8Array[] => {
  const hashes = [EMPTY_CHAIN_HASH]
  for (const [index, entry] of list.entries()) {
    hashes.push(
      nextChainHash(sha256, { ...ref, seq: seq(index + 1) }, hashes[index] ?? EMPTY_CHAIN_HASH, sha256(entry))
    )
  }
  return hashes
}

const snapshotTo = (to: number, hashTo: Uint8Array | undefined, body = bytes(`snapshot to ${to}`)): StoredSnapshot => ({
  from: seq(1),
  to: seq(to),
  hashTo: hashTo ?? EMPTY_CHAIN_HASH,
  bytes: body
})

const readAll = async (log: Log, ref: typeof a1, from = 0, hash: Uint8Array = EMPTY_CHAIN_HASH) =>
  value(await log.readAfter(ref, seq(from), hash, 1_000_000))

const texts = (list: readonly { readonly bytes: Uint8Array }[]): string[] =>
  list.map((entry) => new TextDecoder().decode(entry.bytes))

/** @param place makes an empty place for one test. */
export const entryLogContract = (name: string, place: () => Promise<LogPlace>): void => {
  const withLog = async (run: (log: Log, at: LogPlace) => Promise<void>, rootBytes?: number): Promise<void> => {
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

  describe(`entry log: ${name}`, () => {
    test('[EL1] seqs, digests and chain hashes follow the order given', () =>
      withLog(async (log) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        const done = value(await append(log, a1, list))
        expect(done.seqs).toEqual([1, 2, 3])
        expect(done.hash).toEqual(hashes[3])
        const { entries: stored, head } = await readAll(log, a1)
        expect(stored.map((entry) => entry.seq)).toEqual([1, 2, 3])
        expect(stored.map((entry) => entry.hash)).toEqual(hashes.slice(1))
        expect(stored.map((entry) => entry.digest)).toEqual(list.map(sha256))
        expect(stored).toEqual(done.fresh)
        expect(head).toEqual({ seq: 3, hash: hashes[3] })
        // Another shard has another chain for the same bytes.
        expect(value(await append(log, a2, list)).hash).toEqual(chainOf(a2, list)[3])
      }))

    test('[EL2] a known entry keeps its seq', () =>
      withLog(async (log) => {
        await append(log, a1, entries('one', 'two'))
        const again = value(await append(log, a1, entries('two', 'three', 'three', 'one')))
        expect(again.seqs).toEqual([2, 3, 3, 1])
        expect(texts(again.fresh)).toEqual(['three'])
        expect(again.hash).toEqual(chainOf(a1, entries('one', 'two', 'three'))[3])
        const onlyOld = value(await append(log, a1, entries('one')))
        expect(onlyOld).toMatchObject({ seqs: [1], fresh: [] })
        expect(onlyOld.hash).toEqual(chainOf(a1, entries('one'))[1])
      }))

    test('[EL3] an unknown shard is empty', () =>
      withLog(async (log) => {
        const nobody = { root: 'CCCCCCCCCCCCCCCCCCCCCC' as RootId, shard: shard(9) }
        for (const ref of [a1, nobody]) {
          expect(value(await log.head(ref))).toEqual({ seq: 0, hash: EMPTY_CHAIN_HASH })
          expect(await readAll(log, ref)).toMatchObject({ snapshot: undefined, entries: [] })
        }
        expect(value(await log.root(nobody.root))).toEqual({ floor: -1, certificate: undefined, erased: undefined })
      }))

    test('[EL4] another history is a fork', () =>
      withLog(async (log) => {
        await append(log, a1, entries('one', 'two'))
        const hashes = chainOf(a1, entries('one', 'two', 'three'))
        const read = async (at: number, hash: Uint8Array | undefined) =>
          refusal(await log.readAfter(a1, seq(at), hash ?? EMPTY_CHAIN_HASH, 1_000))
        expect(await read(2, hashes[2])).toBe('accepted')
        expect(await read(2, hashes[1])).toBe('fork')
        expect(await read(3, hashes[3])).toBe('fork')
        expect(await read(0, hashes[1])).toBe('fork')
        expect(refusal(await log.readAfter(a2, seq(1), EMPTY_CHAIN_HASH, 1_000))).toBe('fork')
      }))

    test('[EL5] a read is cut at the limit, but never empty', () =>
      withLog(async (log) => {
        await append(log, a1, entries('aaaa', 'bbbb', 'cccc'))
        const page = async (limit: number) =>
          texts(value(await log.readAfter(a1, seq(0), EMPTY_CHAIN_HASH, limit)).entries)
        expect(await page(8)).toEqual(['aaaa', 'bbbb'])
        expect(await page(7)).toEqual(['aaaa'])
        expect(await page(1)).toEqual(['aaaa'])
        expect(value(await log.readAfter(a1, seq(0), EMPTY_CHAIN_HASH, 1)).head.seq).toBe(3)
      }))

    test('[EL6] another epoch than the floor is refused', () =>
      withLog(async (log) => {
        expect(await append(log, a1, entries('one'), 1)).toEqual({
          ok: false,
          error: { kind: 'epoch', floor: 0, certificate }
        })
        expect(refusal(await log.snapshot(a1, 1, snapshotTo(1, EMPTY_CHAIN_HASH)))).toBe('epoch')
        const unseen = { root: 'CCCCCCCCCCCCCCCCCCCCCC' as RootId, shard: shard(1) }
        expect(refusal(await append(log, unseen, entries('one')))).toBe('epoch')
        expect(value(await log.head(a1)).seq).toBe(0)
      }))

    test('[EL7] the floor never sinks', () =>
      withLog(async (log) => {
        const next = bytes('certificate of epoch 2')
        expect(value(await log.adopt(rootA, 2, next))).toMatchObject({ floor: 2, certificate: next })
        expect(value(await log.adopt(rootA, 1, certificate))).toMatchObject({ floor: 2, certificate: next })
        expect(value(await log.adopt(rootA, 2, certificate))).toMatchObject({ floor: 2, certificate: next })
        expect(value(await log.root(rootA))).toMatchObject({ floor: 2, certificate: next })
        expect(refusal(await append(log, a1, entries('one'), 0))).toBe('epoch')
        expect(refusal(await append(log, a1, entries('one'), 2))).toBe('accepted')
      }))

    test('[EL8] a snapshot that is not newer, not inside, or of another history loses', () =>
      withLog(async (log) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        await append(log, a1, list)
        const swap = async (to: number, hash: Uint8Array | undefined) =>
          refusal(await log.snapshot(a1, 0, snapshotTo(to, hash)))
        expect(await swap(4, hashes[3])).toBe('cas')
        expect(await swap(2, hashes[1])).toBe('cas')
        expect(await log.snapshot(a1, 0, snapshotTo(2, hashes[2]))).toEqual({
          ok: true,
          value: { seq: 2, hash: hashes[2] }
        })
        expect(await swap(2, hashes[2])).toBe('cas')
        expect(await swap(1, hashes[1])).toBe('cas')
        expect((await readAll(log, a1)).snapshot?.to).toBe(2)
        expect(await swap(3, hashes[3])).toBe('accepted')
        expect(refusal(await log.snapshot(a2, 0, snapshotTo(1, hashes[1])))).toBe('cas')
      }))

    test('[EL9] a read from before the snapshot names it', () =>
      withLog(async (log) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        await append(log, a1, list)
        const body = bytes('two in one')
        value(await log.snapshot(a1, 0, snapshotTo(2, hashes[2], body)))
        for (const from of [0, 1]) {
          const tail = await readAll(log, a1, from, hashes[from])
          expect(tail.snapshot).toEqual({ from: 1, to: 2, hashTo: hashes[2], size: body.byteLength })
          expect(texts(tail.entries)).toEqual(['three'])
        }
        const rest = await readAll(log, a1, 2, hashes[2])
        expect(rest.snapshot).toBeUndefined()
        expect(texts(rest.entries)).toEqual(['three'])
      }))

    test('[EL10] a snapshot comes back part by part', () =>
      withLog(async (log) => {
        const body = new Uint8Array(SNAPSHOT_CHUNK_BYTES * 2 + 5).map((_, index) => index % 251)
        await append(log, a1, entries('one'))
        value(await log.snapshot(a1, 0, snapshotTo(1, chainOf(a1, entries('one'))[1], body)))
        const part = async (index: number, to = 1) => value(await log.readSnapshot(a1, seq(to), index))
        const parts = [await part(0), await part(1), await part(2)]
        expect(Buffer.concat(parts.map((each) => each ?? new Uint8Array())).equals(body)).toBe(true)
        expect(parts[2]?.byteLength).toBe(5)
        expect(await part(3)).toBeUndefined()
        expect(await part(0, 2)).toBeUndefined()
      }))

    test('[EL11] after a purge the chain goes on and purged entries stay known', () =>
      withLog(async (log, at) => {
        const list = entries('one', 'two', 'three')
        const hashes = chainOf(a1, list)
        await append(log, a1, list.slice(0, 2))
        at.setNow(1_000)
        value(await log.snapshot(a1, 0, snapshotTo(2, hashes[2])))
        expect(await log.purge(1_001)).toBe(2)
        expect(value(await append(log, a1, [bytes('one'), bytes('three')])).seqs).toEqual([1, 3])
        expect((await readAll(log, a1, 1, hashes[1])).snapshot?.to).toBe(2)
        expect((await readAll(log, a1)).head).toEqual({ seq: 3, hash: hashes[3] })
        // The next compaction of a purged shard works like the first.
        value(await log.snapshot(a1, 0, snapshotTo(3, hashes[3])))
        expect((await readAll(log, a1)).entries).toEqual([])
      }))

    test('[EL12] a purge leaves what is younger', () =>
      withLog(async (log, at) => {
        const hashes = chainOf(a1, entries('one', 'two'))
        await append(log, a1, entries('one', 'two'))
        at.setNow(1_000)
        value(await log.snapshot(a1, 0, snapshotTo(1, hashes[1])))
        at.setNow(2_000)
        value(await log.snapshot(a1, 0, snapshotTo(2, hashes[2])))
        expect(await log.purge(1_000)).toBe(0)
        expect(value(await log.readSnapshot(a1, seq(1), 0))).toBeDefined()
        expect(await log.purge(1_500)).toBe(1)
        expect(await log.purge(1_500)).toBe(0)
        expect(await log.purge(2_001)).toBe(1)
        expect(value(await log.readSnapshot(a1, seq(1), 0))).toBeUndefined()
        expect(value(await log.readSnapshot(a1, seq(2), 0))).toBeDefined()
      }))

    test('[EL13] an erased shard or root answers erased, the rest goes on', () =>
      withLog(async (log) => {
        for (const ref of [a1, a2, b1]) await append(log, ref, entries('one'))
        const small = proofOf(rootA, a1.shard)
        expect(value(await log.erase(small, 5_000))).toEqual({ erasedAt: 5_000 })
        const refused = { ok: false, error: { kind: 'erased', proof: small } }
        expect(await append(log, a1, entries('one'))).toEqual(refused)
        expect(await log.readAfter(a1, seq(0), EMPTY_CHAIN_HASH, 100)).toEqual(refused)
        expect(await log.head(a1)).toEqual(refused)
        expect(await log.snapshot(a1, 0, snapshotTo(1, EMPTY_CHAIN_HASH))).toEqual(refused)
        expect(await log.readSnapshot(a1, seq(1), 0)).toEqual(refused)
        expect(value(await log.erase(small, 6_000))).toEqual({ erasedAt: 5_000 })
        expect(texts((await readAll(log, a2)).entries)).toEqual(['one'])
        const whole = proofOf(rootA)
        expect(value(await log.erase(whole, 7_000))).toEqual({ erasedAt: 7_000 })
        expect(await append(log, a2, entries('two'))).toEqual({ ok: false, error: { kind: 'erased', proof: whole } })
        expect(value(await log.root(rootA))).toMatchObject({ erased: whole })
        expect(refusal(await log.adopt(rootA, 5, certificate))).toBe('erased')
        expect(texts((await readAll(log, b1)).entries)).toEqual(['one'])
        expect((await log.usage(10)).map((each) => each.root)).not.toContain(rootA)
      }))

    test('[EL14] what was never seen can be erased', () =>
      withLog(async (log) => {
        const unseen = 'CCCCCCCCCCCCCCCCCCCCCC' as RootId
        value(await log.erase(proofOf(unseen), 1))
        expect(refusal(await log.adopt(unseen, 0, certificate))).toBe('erased')
        value(await log.erase(proofOf(rootB, shard(4)), 1))
        expect(refusal(await append(log, { root: rootB, shard: shard(4) }, entries('one')))).toBe('erased')
        expect(refusal(await append(log, b1, entries('one')))).toBe('accepted')
      }))

    test('[EL15] a full root refuses and says so; compaction makes room', () =>
      withLog(async (log) => {
        const big = [bytes('a', 400), bytes('b', 400)]
        value(await append(log, a1, big))
        expect(refusal(await append(log, a1, [bytes('c', 201)]))).toBe('root-full')
        expect(refusal(await append(log, a2, [bytes('c', 201)]))).toBe('root-full')
        expect(refusal(await append(log, b1, [bytes('c', 201)]))).toBe('accepted')
        expect(value(await append(log, a1, big)).seqs).toEqual([1, 2])
        const hash = chainOf(a1, big)[2]
        expect(refusal(await log.snapshot(a1, 0, snapshotTo(2, hash, bytes('s', 1_001))))).toBe('root-full')
        value(await log.snapshot(a1, 0, snapshotTo(2, hash, bytes('s', 100))))
        expect(refusal(await append(log, a1, [bytes('c', 201)]))).toBe('accepted')
        expect(await log.usage(1)).toEqual([{ root: rootA, bytes: 301 }])
      }, 1_000))

    test('[EL16] a refused request leaves its neighbours alone', () =>
      withLog(async (log) => {
        const results = await log.append([
          { ...a1, entries: entries('one'), epoch: 0 },
          { ...a2, entries: entries('two'), epoch: 3 },
          { ...b1, entries: entries('three'), epoch: 0 }
        ])
        expect(results.map(refusal)).toEqual(['accepted', 'epoch', 'accepted'])
        expect(value(await log.head(b1)).seq).toBe(1)
        expect(value(await log.head(a2)).seq).toBe(0)
      }))

    test('[EL17] what was accepted is there after opening again', async () => {
      await using at = await place()
      const first = await at.open()
      value(await first.adopt(rootA, 0, certificate))
      const list = entries('one', 'two', 'three')
      const hashes = chainOf(a1, list)
      await append(first, a1, list)
      value(await first.snapshot(a1, 0, snapshotTo(2, hashes[2])))
      value(await first.erase(proofOf(rootB), 77))
      await first.close()
      const second = await at.open()
      const tail = await readAll(second, a1)
      expect(tail.snapshot?.to).toBe(2)
      expect(texts(tail.entries)).toEqual(['three'])
      expect(tail.head).toEqual({ seq: 3, hash: hashes[3] })
      expect(value(await second.root(rootA))).toMatchObject({ floor: 0, certificate })
      expect(value(await second.erase(proofOf(rootB), 99))).toEqual({ erasedAt: 77 })
      await second.close()
    })

    test('[EL18] an older copy does not bring back what was erased', async () => {
      await using at = await place()
      const first = await at.open()
      value(await first.adopt(rootA, 0, certificate))
      await append(first, a1, entries('one'))
      value(await first.erase(proofOf(rootA, a1.shard), 50))
      value(await first.erase(proofOf(rootB), 60))
      await first.close()
      await at.wipe()
      const second = await at.open()
      value(await second.adopt(rootA, 0, certificate))
      expect(refusal(await append(second, a1, entries('one')))).toBe('erased')
      expect(refusal(await append(second, a2, entries('one')))).toBe('accepted')
      expect(value(await second.erase(proofOf(rootB), 99))).toEqual({ erasedAt: 60 })
      await second.close()
    })

    test('[EL19] churn does not grow the graveyard beyond the quota', () =>
      withLog(async (log, at) => {
        const all: Uint8Array[] = []
        for (let round = 1; round <= 6; round++) {
          at.setNow(round)
          all.push(bytes(`round ${round}`, 300))
          await append(log, a1, all.slice(-1))
          value(await log.snapshot(a1, 0, snapshotTo(round, chainOf(a1, all)[round], bytes('s', 100))))
        }
        // Each round supersedes 400 bytes (the first 300), and 1,000 may wait.
        const waiting = await Promise.all(
          [1, 2, 3, 4, 5, 6].map(async (to) => value(await log.readSnapshot(a1, seq(to), 0)) !== undefined)
        )
        expect(waiting).toEqual([false, false, false, true, true, true])
        expect(await log.purge(7)).toBe(2)
      }, 1_000))

    test('[EL20] one batch, one shard, no gap', () =>
      withLog(async (log) => {
        const results = await log.append([
          { ...a1, entries: entries('one', 'two'), epoch: 0 },
          { ...a1, entries: entries('two', 'three'), epoch: 0 }
        ])
        expect(results.map((result) => value(result).seqs as readonly Seq[])).toEqual([
          [1, 2],
          [2, 3]
        ])
        expect((await readAll(log, a1)).head).toEqual({ seq: 3, hash: chainOf(a1, entries('one', 'two', 'three'))[3] })
      }))

    test('[EL21] a full disk refuses, keeps nothing, and recovers', () =>
      withLog(async (log, at) => {
        await append(log, a1, entries('one'))
        const giveBack = await at.fill(log)
        const noise = bytes('x', 500_000)
        expect(['relay-full', 'store']).toContain(refusal(await append(log, a1, [noise])))
        expect((await readAll(log, a1)).head.seq).toBe(1)
        expect(texts((await readAll(log, a1)).entries)).toEqual(['one'])
        await giveBack()
        expect(value(await append(log, a1, [noise])).seqs).toEqual([2])
      }))
  })
}
