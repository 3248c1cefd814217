import type { AuthorState, DocPath, Row, SealedRow } from '#app/store/ports.ts'
import type { SealRequest } from '#app/vault/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { ENTRY_KIND, type Seen } from '#core/entry.ts'
import { type ShardId, seq } from '#core/ids.ts'
import { MAX_ENTRY_BYTES } from '#core/limits.ts'
import { type Bench, countWaiting, followDevice, kept, need } from './bench.ts'
import type { Answer, Effect } from './session-words.ts'

/** Unsealed rows -> sealed bytes that are kept before anybody sends them; from then on only these bytes stand for those rows. */

/** Before deflate. A batch this large still seals into one entry when nothing in it can be squeezed. */
const MERGE_BYTES = 900_000

export const seal = async (bench: Bench, effect: Extract<Effect, { readonly type: 'seal' }>): Promise<Answer> => {
  const { log, relay, maySeal } = bench.ports
  const { doc } = effect
  await followDevice(bench)
  const refused = maySeal === undefined || (await maySeal(doc)) ? await sealRows(bench, doc) : 0
  const except = new Set(effect.except)
  const rows = need(await log.unacknowledged(doc, relay)).filter(({ counter }) => !except.has(counter))
  const { waiting, seq } = await countWaiting(bench, doc)
  return { type: 'sealed', doc, rows, waiting, seq, refused }
}

const NOTHING_SEEN: Seen = { relay: new Uint8Array(4), seq: seq(0), hash: EMPTY_CHAIN_HASH }

interface Work {
  readonly doc: DocPath
  readonly shard: ShardId
  readonly seen: Seen
}

/** @returns how many rows are too large for an entry. They stay on this device. */
const sealRows = async (bench: Bench, doc: DocPath): Promise<number> => {
  const { log, relay } = bench.ports
  const refused = new Set<number>()
  const shard = await bench.keyholder.shard(doc)
  for (;;) {
    const rows = need(await log.unsealed(doc)).filter(({ id }) => !refused.has(id))
    if (rows.length === 0) return refused.size
    const { cursor, opaque } = need(await log.shard(doc, relay))
    // Others take what we have seen to be on this device: that is not so while some of it does not open.
    const seen: Seen = opaque.length > 0 ? NOTHING_SEEN : { relay: bench.relayMark, ...cursor }
    const work: Work = { doc, shard, seen }
    const author = need(await log.author(doc))
    if (author.counter === 0)
      await keep(bench, work, author, ENTRY_KIND.deviceCertificate, bench.keyholder.deviceCertificate, [])
    else for (const id of await sealSome(bench, work, author, sizedBatch(rows))) refused.add(id)
  }
}

/** As many rows, in order, as are sure to fit one entry; always one. */
const sizedBatch = (rows: readonly Row[]): readonly Row[] => {
  let bytes = 0
  const upTo = rows.findIndex(({ update }, index) => {
    bytes += update.byteLength
    return index > 0 && bytes > MERGE_BYTES
  })
  return upTo === -1 ? rows : rows.slice(0, upTo)
}

const sealSome = async (
  bench: Bench,
  work: Work,
  author: AuthorState,
  rows: readonly Row[]
): Promise<readonly number[]> => {
  const body = bench.ports.docBytes.merge(rows.map(({ update }) => update))
  const ids = rows.map(({ id }) => id)
  const fits = await keep(bench, work, author, ENTRY_KIND.update, body, ids)
  if (fits) return []
  return rows.length > 1 ? sealSome(bench, work, author, rows.slice(0, Math.ceil(rows.length / 2))) : ids
}

/** A lost race (another tab sealed) counts as done: the caller reads again what is left. @returns false when it is too large. */
const keep = async (
  bench: Bench,
  { doc, shard, seen }: Work,
  author: AuthorState,
  kind: SealRequest['kind'],
  body: Uint8Array,
  rows: SealedRow['rows']
): Promise<boolean> => {
  const counter = author.counter + 1
  const { bytes, digest, innerHash } = await bench.keyholder.seal(shard, {
    kind,
    counter,
    prev: author.innerHash,
    seen,
    body
  })
  if (bytes.byteLength > MAX_ENTRY_BYTES) return false
  kept(await bench.ports.log.keepSealed(doc, { counter, bytes, digest, innerHash, rows, epoch: bench.keyholder.epoch }))
  return true
}
