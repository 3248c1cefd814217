import type { DocPath } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { type Cover, ENTRY_KIND, encodeSnapshotBody } from '#core/entry.ts'
import type { DeviceId } from '#core/ids.ts'
import { seq } from '#core/ids.ts'
import { MAX_SNAPSHOT_BYTES } from '#core/limits.ts'
import { chosen, hasOthers, joinCovers, lookEven, sameEvenness } from './across.ts'
import { type Bench, holdFast, kept, need, readMark, writeMark } from './bench.ts'
import type { Answer, Effect } from './session-words.ts'

/** A snapshot stands for confirmed content as of this device's own cursor; nothing that waits in the outbox may slip into it. */

export const buildSnapshot = async (bench: Bench, doc: DocPath): Promise<Answer> => {
  const { ports, keyholder } = bench
  const { log, relay, docLog, docBytes } = ports
  const nothing: Answer = { type: 'built', doc, snapshot: null }
  // The cursor first: content read afterwards contains at least what the covers promise.
  const { cursor, covers: shown, opaque, tailBytes } = need(await log.shard(doc, relay))
  if (cursor.seq === 0 || opaque.length > 0) return nothing
  const even = hasOthers(bench) ? await lookEven(bench, doc) : undefined
  if (hasOthers(bench) && even === undefined) return nothing
  const { base, confirmed } = need(await docLog.foldable(doc))
  const content = [...(base === undefined ? [] : [base]), ...confirmed.map(({ update }) => update)]
  if (content.length === 0) return nothing
  const author = need(await log.author(doc))
  // What another relay brought meanwhile is in the content, and not in this relay's log.
  if (even !== undefined && !sameEvenness(even, await lookEven(bench, doc))) return nothing
  const { device, deviceCertificate: certificate } = keyholder
  const covers = even === undefined ? shown : joinCovers(even.covers, [{ device, ...author, certificate }])
  const from = seq(1)
  const body = encodeSnapshotBody({
    from,
    to: cursor.seq,
    hashTo: cursor.hash,
    covers: withOwn(covers, keyholder.device, keyholder.deviceCertificate),
    document: docBytes.compact(content)
  })
  const sealed = await keyholder.seal(await keyholder.shard(doc), {
    kind: ENTRY_KIND.snapshot,
    counter: author.counter,
    prev: author.innerHash,
    seen: { relay: bench.relayMark, ...cursor },
    body
  })
  if (sealed.bytes.byteLength > MAX_SNAPSHOT_BYTES) return nothing
  // Who opens it takes its author to hold everything up to `to`.
  await holdFast(bench)
  const { seq: to, hash: hashTo } = cursor
  return { type: 'built', doc, snapshot: { from, to, hashTo, bytes: sealed.bytes, tailBytes, covers } }
}

/** A snapshot is opened by the certificates it brings: its author's must be among them, also where the author never wrote an entry. */
const withOwn = (covers: readonly Cover[], device: DeviceId, certificate: Uint8Array): readonly Cover[] =>
  covers.some((cover) => cover.device === device)
    ? covers
    : [...covers, { device, counter: 0, innerHash: EMPTY_CHAIN_HASH, certificate }]

/** Won or lost, the tail up to `to` is superseded now: by this snapshot or by another device's for the same entries. */
export const compacted = async (
  bench: Bench,
  { doc, snapshot, won }: Extract<Effect, { readonly type: 'compacted' }>
): Promise<Answer> => {
  const { log, relay } = bench.ports
  const state = need(await log.shard(doc, relay))
  const tailBytes = Math.max(0, state.tailBytes - snapshot.tailBytes)
  const snapshotBytes = snapshot.bytes.byteLength
  const { cursor, opaque } = state
  const covers = won && hasOthers(bench) ? joinCovers(state.covers, snapshot.covers) : state.covers
  // Another tab that was faster has counted for itself.
  kept(
    await log.receive(doc, relay, {
      from: cursor,
      to: cursor,
      updates: [],
      covers,
      opaque,
      tailBytes,
      snapshotBytes,
      own: []
    })
  )
  const mark = await readMark(bench, doc)
  const gap = mark.gap && !won
  if (mark.gap !== gap) await writeMark(bench, doc, { check: mark.check, gap })
  const own = covers.find(({ device }) => device === bench.keyholder.device)
  if (won && own !== undefined) need(await log.dropSealed(doc, own.counter, chosen(bench)))
  return { type: 'compacted', doc, tailBytes, snapshotBytes, gap }
}
