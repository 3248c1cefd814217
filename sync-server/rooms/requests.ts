import { type ErasureProof, encodeEraseReceipt, encodeErasureProof, eraseReceiptMessage } from '#core/certificate.ts'
import type { RootId } from '#core/ids.ts'
import { assertNever, err, ok, type Result } from '#core/result.ts'
import { fullBucket, type Rate, takeTokens } from '#server/protocol/bucket.ts'
import type { RequestEffect } from '#server/protocol/effects.ts'
import type { Answer } from '#server/protocol/events.ts'
import type { Refused } from '#server/protocol/state.ts'
import type { Committer } from './committer.ts'
import { createLastingChecks } from './lasting-checks.ts'
import type { Appended, Head, StoreFailure } from './ports.ts'
import type { RelayLimits, RelayOptions } from './relay-ports.ts'
import { createSnapshotParts } from './snapshot-parts.ts'
import { asAnswer, storeFailureToRefused } from './store-failure.ts'

/** What requests need of whoever makes them. `Line`: the socket they came from, by identity. */
export interface RequestHost<Line> {
  peers(line: Line, root: RootId, shard: RequestShard): number
  /** The store stands here. */
  stood(root: RootId, shard: RequestShard, head: Head): void
  answer(line: Line, answer: Answer): undefined
  /** After its own ACK: the others get the entries. */
  publish(line: Line, effect: Extract<RequestEffect, { readonly kind: 'append' }>, appended: Appended): void
  erased(proof: ErasureProof): void
}
type RequestShard = Extract<RequestEffect, { readonly kind: 'head' }>['shard']

/** All but appending, which answers when its commit does. */
export type AwaitedEffect = Exclude<RequestEffect, { readonly kind: 'append' }>

export interface Requests<Line> {
  append(effect: EffectOf<'append'>, line: Line): undefined
  perform(effect: AwaitedEffect, line: Line): Promise<undefined>
  /** Forgets buckets that are full again: memory follows the busy, not all who ever came. */
  tick(): void
}

interface RequestsOptions extends RelayOptions {
  readonly committer: Committer
  readonly bounds: RelayLimits
}

const MAX_BUCKETS = 100_000

const createThrottle = (rate: Rate, now: () => number) => {
  const buckets = new Map<string, ReturnType<typeof fullBucket>>()
  return {
    /** @returns milliseconds to wait; 0 = taken. */
    take(key: string, cost: number): number {
      const known = buckets.get(key)
      const bucket = known ?? fullBucket(rate, now())
      if (known === undefined && buckets.size < MAX_BUCKETS) buckets.set(key, bucket)
      return takeTokens(bucket, rate, cost, now())
    },
    tick(): void {
      for (const [key, bucket] of buckets) {
        takeTokens(bucket, rate, 0, now())
        if (bucket.tokens >= rate.burst) buckets.delete(key)
      }
    }
  }
}

type EffectOf<Kind extends RequestEffect['kind']> = Extract<RequestEffect, { readonly kind: Kind }>

export const createRequests = <Line extends { readonly address: string }>(
  options: RequestsOptions,
  host: RequestHost<Line>
): Requests<Line> => {
  const { log, clock, keys, verify, committer, bounds, backupDays = 0, admit = () => true } = options
  const rootBytes = createThrottle(bounds.rootBytes, clock.now)
  const newRoots = createThrottle(bounds.newRoots, clock.now)
  const parts = createSnapshotParts(log)
  const lasting = createLastingChecks(verify, options.sha256)

  const rate = (waitMs: number): { readonly ok: false; readonly error: Refused } =>
    err({ name: 'rate', retryAfterMs: waitMs })

  const lookUp = async ({ root, admission }: EffectOf<'lookup'>) =>
    asAnswer(await log.root(root), ({ floor, certificate, erased }) => ({
      floor,
      certificate,
      erased: erased && encodeErasureProof(erased),
      admitted: admit(admission)
    }))

  const adopt = async ({ root, epoch, certificate, first }: EffectOf<'adopt'>, address: string) => {
    const waitMs = first ? newRoots.take(address, 1) : 0
    return waitMs > 0 ? rate(waitMs) : asAnswer(await log.adopt(root, epoch, certificate), (state) => state)
  }

  const append = (effect: EffectOf<'append'>, line: Line): undefined => {
    const { ch, ticket, root, shard, ref, epoch, entries, size } = effect
    const reply = { kind: 'appended', ch, ticket, root, shard, ref, size } as const
    const waitMs = rootBytes.take(root, size)
    if (waitMs > 0) return host.answer(line, { ...reply, result: rate(waitMs) })
    const done = (result: Result<Appended, StoreFailure>): void => {
      host.answer(line, { ...reply, result: result.ok ? result : err(storeFailureToRefused(result.error)) })
      if (result.ok) host.publish(line, effect, result.value)
    }
    const taken = committer.add({ from: line, request: { root, shard, entries, epoch }, size, done })
    if (!taken) host.answer(line, { ...reply, result: err({ name: 'paused' }) })
  }

  const swap = async ({ root, shard, epoch, from, to, hashTo, bytes }: EffectOf<'swap'>) => {
    const waitMs = rootBytes.take(root, bytes.byteLength)
    if (waitMs > 0) return rate(waitMs)
    return asAnswer(await log.snapshot({ root, shard }, epoch, { from, to, hashTo, bytes }), (head) => head)
  }

  const receiptFor = async (proof: ErasureProof, erasedAt: number): Promise<Uint8Array> => {
    const receipt = { relayKey: keys.publicKey, erasedAt, backupDays }
    return encodeEraseReceipt({ ...receipt, signature: await keys.sign(eraseReceiptMessage(proof, receipt)) })
  }

  const erase = async (
    proof: ErasureProof,
    address: string
  ): Promise<Result<{ readonly receipt: Uint8Array }, Refused>> => {
    const known = await log.root(proof.scope.root)
    if (!known.ok) return err(storeFailureToRefused(known.error))
    // Remembering costs room for ever, and anybody can make keys: what was never here is remembered at a measured pace.
    const unseen = known.value.floor < 0 && known.value.erased === undefined
    const waitMs = unseen ? newRoots.take(address, 1) : 0
    if (waitMs > 0) return rate(waitMs)
    const erased = await log.erase(proof, clock.now())
    parts.clear()
    if (!erased.ok) return err(storeFailureToRefused(erased.error))
    return ok({ receipt: await receiptFor(proof, erased.value.erasedAt) })
  }

  const perform = async (effect: AwaitedEffect, line: Line): Promise<undefined> => {
    const { ch, ticket } = effect
    switch (effect.kind) {
      case 'verify': {
        const checks = effect.checks.map((check) =>
          check.isLasting === true ? lasting.check(check) : verify(check.key, check.message, check.signature)
        )
        const valid = await Promise.all(checks)
        return host.answer(line, { kind: 'verified', ch, ticket, purpose: effect.purpose, valid })
      }
      case 'lookup':
        return host.answer(line, { kind: 'looked-up', ch, ticket, result: await lookUp(effect) })
      case 'adopt':
        return host.answer(line, { kind: 'adopted', ch, ticket, result: await adopt(effect, line.address) })
      case 'read': {
        const { root, shard, after, limit } = effect
        const tail = await log.readAfter(effect, after.seq, after.hash, limit)
        if (tail.ok) host.stood(root, shard, tail.value.head)
        const result = asAnswer(tail, (found) => ({ ...found, peers: host.peers(line, root, shard) }))
        return host.answer(line, { kind: 'tail', ch, ticket, root, shard, result })
      }
      case 'read-snapshot': {
        const { root, shard, to, index } = effect
        const result = asAnswer(await parts.read(effect, to, index), (part) => part)
        return host.answer(line, { kind: 'part', ch, ticket, root, shard, result })
      }
      case 'head': {
        const { root, shard } = effect
        const result = asAnswer(await log.head(effect), (head) => ({ head, peers: host.peers(line, root, shard) }))
        return host.answer(line, { kind: 'headed', ch, ticket, root, shard, result })
      }
      case 'swap': {
        const { root, shard, ref } = effect
        return host.answer(line, { kind: 'swapped', ch, ticket, root, shard, ref, result: await swap(effect) })
      }
      case 'erase': {
        const { proof } = effect
        const result = await erase(proof, line.address)
        host.answer(line, { kind: 'erased', ch, ticket, proof, result })
        if (result.ok) host.erased(proof)
        return
      }
      default:
        assertNever(effect)
    }
  }

  return {
    append,
    perform,
    tick() {
      rootBytes.tick()
      newRoots.tick()
      lasting.tick()
      parts.clear()
    }
  }
}
