import { createHash } from 'node:crypto'
import { EMPTY_CHAIN_HASH, nextChainHash } from '#core/chain.ts'
import { type RootId, type Seq, type ShardId, seq } from '#core/ids.ts'
import type { ShardRef, StoreFailure } from '#server/rooms/ports.ts'
import type { Random } from '#testing/random.ts'
import type { PostgresLog } from './postgres-log.ts'

/** Many write, read and compact the same few shards through several logs, whatever happens to the store meanwhile. */

export interface Hammer {
  readonly logs: readonly PostgresLog[]
  readonly random: Random
  /** Called after each answer that something was kept. */
  readonly onAnswer: () => void
  /** Resolves when it makes sense to ask again after a failure. */
  readonly fairWeather: () => Promise<void>
  readonly isOver: () => boolean
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const ROOTS = ['A', 'B', 'C'].map((letter) => letter.repeat(22) as RootId)
const SHARDS = [1, 2].map((n) => n.toString(16).padStart(32, '0') as ShardId)
export const REFS: readonly ShardRef[] = ROOTS.flatMap((root) => SHARDS.map((shard) => ({ root, shard })))

export const hammerEntries = ({ logs, random, onAnswer, fairWeather, isOver }: Hammer) => {
  /** By shard and digest: the seq it was answered with. */
  const answered = new Map<string, Seq>()
  const sent: Uint8Array[] = []
  let failures = 0

  /** All else is a fault of the store. */
  const isPassing = async (failure: StoreFailure): Promise<void> => {
    if (failure.kind !== 'store') throw new Error(`refused: ${failure.kind}`)
    failures++
    await fairWeather()
  }

  const nextEntry = (): Uint8Array => {
    if (sent.length > 0 && random.chance(0.1)) return random.pick(sent)
    const entry = random.bytes(random.between(1, 300))
    sent.push(entry)
    return entry
  }

  const remember = (ref: ShardRef, entries: readonly Uint8Array[], seqs: readonly Seq[]): void => {
    for (const [index, entry] of entries.entries()) {
      const key = `${ref.root} ${ref.shard} ${hex(sha256(entry))}`
      const place = seqs[index] ?? seq(0)
      const before = answered.get(key)
      if (before !== undefined && before !== place) throw new Error(`${key} was at ${before} and is at ${place}`)
      answered.set(key, place)
    }
  }

  const write = async (): Promise<void> => {
    while (!isOver()) {
      let open = Array.from({ length: random.between(1, 4) }, () => ({
        ...random.pick(REFS),
        epoch: 0,
        entries: Array.from({ length: random.between(1, 3) }, nextEntry)
      }))
      while (open.length > 0 && !isOver()) {
        const results = await random.pick(logs).append(open)
        const again: typeof open = []
        for (const [index, result] of results.entries()) {
          const request = open[index]
          if (request === undefined) continue
          if (result.ok) {
            remember(request, request.entries, result.value.seqs)
            onAnswer()
          } else {
            again.push(request)
            await isPassing(result.error)
          }
        }
        open = again
      }
    }
  }

  /** Follows a shard from its beginning: no gap, one chain, nothing seen before what comes before it. */
  const follow = async (
    ref: ShardRef,
    log: PostgresLog,
    isDone: () => boolean,
    onStep: (at: Seq, hash: Uint8Array) => Promise<void>
  ) => {
    let at = seq(0)
    let hash = EMPTY_CHAIN_HASH
    for (;;) {
      const isLast = isDone()
      const read = await log.readAfter(ref, at, hash, 20_000)
      if (!read.ok) {
        await isPassing(read.error)
        continue
      }
      const { snapshot, entries, head } = read.value
      if (snapshot !== undefined) {
        at = snapshot.to
        hash = snapshot.hashTo
      }
      for (const entry of entries) {
        if (entry.seq !== at + 1) throw new Error(`${ref.shard}: ${entry.seq} after ${at}`)
        hash = nextChainHash(sha256, { ...ref, seq: entry.seq }, hash, sha256(entry.bytes))
        if (hex(hash) !== hex(entry.hash)) throw new Error(`${ref.shard}: another chain at ${entry.seq}`)
        at = entry.seq
      }
      if (head.seq < at) throw new Error(`${ref.shard}: head ${head.seq} before ${at}`)
      await onStep(at, hash)
      if (isLast && at === head.seq) return { at, hash }
    }
  }

  const read = async (ref: ShardRef, log: PostgresLog): Promise<void> => {
    await follow(ref, log, isOver, async (at, hash) => {
      if (at === 0 || !random.chance(0.05)) return
      const bytes = random.bytes(random.between(1, 600_000))
      const swapped = await log.snapshot(ref, 0, { from: seq(1), to: at, hashTo: hash, bytes })
      if (!swapped.ok && swapped.error.kind !== 'cas') await isPassing(swapped.error)
      if (swapped.ok && random.chance(0.5)) await log.purge(Number.MAX_SAFE_INTEGER).catch(() => 0)
    })
  }

  /** What was answered is there under its seq, each entry once, in one chain from the first to the last. */
  const judge = async (
    log: PostgresLog,
    query: (sql: string) => Promise<readonly Record<string, unknown>[]>,
    schema: string
  ) => {
    const problems: string[] = []
    const rows = await query(
      `SELECT r.name AS root, encode(h.name, 'hex') AS shard, e.seq, encode(e.digest, 'hex') AS digest, encode(e.hash, 'hex') AS hash
       FROM ${schema}.entry AS e JOIN ${schema}.shard AS h ON h.id = e.shard JOIN ${schema}.root AS r ON r.id = h.root ORDER BY h.id, e.seq`
    )
    const kept = new Map<string, number>()
    const tops = new Map<string, { at: number; hash: Uint8Array }>()
    for (const row of rows) {
      const { root, shard, digest, hash } = row as { root: RootId; shard: ShardId; digest: string; hash: string }
      const place = Number(row.seq)
      const name = `${root} ${shard}`
      const before = tops.get(name) ?? { at: 0, hash: EMPTY_CHAIN_HASH }
      const next = nextChainHash(sha256, { root, shard, seq: seq(place) }, before.hash, Buffer.from(digest, 'hex'))
      if (place !== before.at + 1) problems.push(`${name}: ${place} after ${before.at}`)
      if (hex(next) !== hash) problems.push(`${name}: another chain at ${place}`)
      if (kept.has(`${name} ${digest}`)) problems.push(`${name}: ${digest} twice`)
      kept.set(`${name} ${digest}`, place)
      tops.set(name, { at: place, hash: next })
    }
    for (const [key, place] of answered) if (kept.get(key) !== place) problems.push(`lost: ${key} at ${place}`)
    for (const ref of REFS) {
      const head = await log.head(ref)
      const top = tops.get(`${ref.root} ${ref.shard}`)?.at ?? 0
      if (!head.ok || head.value.seq !== top) problems.push(`${ref.shard}: head is not ${top}`)
      await follow(
        ref,
        log,
        () => true,
        async () => {}
      )
    }
    return { problems, answers: answered.size, failures }
  }

  return { write, read, judge }
}
