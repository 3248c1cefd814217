import { describe, expect, test } from 'vitest'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type RootId, seq } from '#core/ids.ts'
import {
  a1,
  a2,
  append,
  b1,
  certificate,
  entries,
  type LogPlace,
  onEmptyLog,
  proofOf,
  readAll,
  refusal,
  rootA,
  rootB,
  shard,
  snapshotTo,
  texts,
  value
} from './entry-log-verbs.contract.ts'

export const entryLogErasure = (place: () => Promise<LogPlace>): void => {
  const withLog = onEmptyLog(place)

  describe('erasure', () => {
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
  })
}
