import { describe, expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, type Seq, seq } from '#core/ids.ts'
import {
  a1,
  a2,
  append,
  b1,
  bytes,
  certificate,
  chainOf,
  entries,
  type LogPlace,
  onEmptyLog,
  proofOf,
  readAll,
  refusal,
  rootA,
  rootB,
  sha256,
  shard,
  snapshotTo,
  texts,
  value
} from './entry-log-verbs.contract.ts'

export const entryLogEntries = (place: () => Promise<LogPlace>): void => {
  const withLog = onEmptyLog(place)

  describe('appending and reading', () => {
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

    test('[EL22] the heads of many shards come in one answer, in the order asked', () =>
      withLog(async (log) => {
        await append(log, a1, entries('one', 'two'))
        await append(log, b1, entries('three'))
        await append(log, a2, entries('gone'))
        value(await log.erase(proofOf(rootA, a2.shard), 5))
        const unknown = { root: rootB, shard: shard(9) }
        const refs = [b1, a1, a2, unknown, a1]
        const answers = await log.heads(refs)
        expect(answers.map((each) => (each.ok ? each.value.seq : each.error.kind))).toEqual([1, 2, 'erased', 0, 2])
        expect(answers).toEqual(await Promise.all(refs.map((ref) => log.head(ref))))
        expect(answers[2]).toEqual({ ok: false, error: { kind: 'erased', proof: proofOf(rootA, a2.shard) } })
        expect(await log.heads([])).toEqual([])
      }))

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
  })
}
