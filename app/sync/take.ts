import type { Cursor, DocPath, SealedRow, ShardState } from '#app/store/ports.ts'
import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import { nextChainHash } from '#core/chain.ts'
import type { DeviceId, Seq, ShardId } from '#core/ids.ts'
import { seq as asSeq } from '#core/ids.ts'
import { hasOthers, lookAround, noteForOthers } from './across.ts'
import { type Bench, countWaiting, kept, need, noteShown, readMark } from './bench.ts'
import { advanceBy, type Harvest, type OwnLine, openAll, type Placed, startHarvest } from './open-entries.ts'
import type { Answer, Effect, Taken } from './session-words.ts'

/** ENTRIES -> chain checked, opened, written in one transaction. */

type Take = Extract<Effect, { readonly type: 'take' }>

export const readLine = async ({ ports: { log, relay }, keyholder }: Bench, doc: DocPath): Promise<OwnLine> => ({
  device: keyholder.device,
  author: need(await log.author(doc)),
  unacknowledged: need(await log.unacknowledged(doc, relay))
})

export const placedOpaque = ({ ports }: Bench, state: ShardState): readonly Placed[] =>
  state.opaque.map(({ seq, bytes }) => ({ seq, bytes, digest: ports.sha256(bytes) }))

export const take = async (bench: Bench, effect: Take): Promise<Answer> => {
  const { log, relay } = bench.ports
  const { doc } = effect
  const shard = await bench.keyholder.shard(doc)
  const state = need(await log.shard(doc, relay))
  if (effect.from > state.cursor.seq + 1) return { type: 'astray', doc, cursor: state.cursor }
  const items = effect.items.slice(state.cursor.seq + 1 - effect.from)
  const stretch = follow(bench, shard, state.cursor, items)
  if (stretch === undefined)
    return { type: 'unfit', doc, why: 'a digest of an entry that was not pushed on this socket' }
  const line = await readLine(bench, doc)
  const harvest = startHarvest(state, await lookAround(bench, doc, state.covers))
  const walk = bench.walks.get(doc)
  await openAll(bench, shard, line, harvest, [...placedOpaque(bench, state), ...stretch.entries], walk)
  for (const entry of stretch.entries) walk?.digests.add(bytesToHex(entry.digest))
  for (const [seq, row] of stretch.own) {
    harvest.own.push({ counter: row.counter, seq })
    advanceBy(harvest, { ...row, device: line.device }, bench.keyholder.deviceCertificate)
    if (walk !== undefined) noteShown(walk, line.device, row.counter, 'entry')
  }
  const written = await log.receive(doc, relay, {
    from: state.cursor,
    to: stretch.cursor,
    updates: harvest.updates,
    covers: [...harvest.covers.values()],
    opaque: [...harvest.opaque.values()],
    tailBytes: state.tailBytes + stretch.bytes,
    snapshotBytes: state.snapshotBytes,
    own: harvest.own
  })
  if (!kept(written)) return raced(bench, doc)
  await shareNews(bench, doc, harvest, stretch.entries)
  const evidence = weigh(
    bench,
    harvest,
    stretch,
    state,
    state.cursor.seq > effect.readTo ? state.cursor.seq : effect.ownSeq
  )
  return finish(bench, doc, harvest, evidence)
}

interface Stretch {
  readonly cursor: Cursor
  readonly entries: readonly Placed[]
  readonly own: ReadonlyMap<Seq, SealedRow>
  readonly bytes: number
  /** Every place in it, and the hash there. */
  readonly cursors: readonly Cursor[]
}

/** Computes the chain over every item, own ones included: the cursor is a hash this device worked out itself. */
const follow = (bench: Bench, shard: ShardId, from: Cursor, items: Take['items']): Stretch | undefined => {
  const { sha256 } = bench.ports
  const { root } = bench.keyholder
  const entries: Placed[] = []
  const own = new Map<Seq, SealedRow>()
  const cursors: Cursor[] = []
  let cursor = from
  let bytes = 0
  for (const item of items) {
    const seq = asSeq(cursor.seq + 1)
    const digest = item.kind === 'entry' ? sha256(item.bytes) : item.digest
    const row = item.kind === 'digest' ? bench.pushed.get(bytesToHex(digest)) : undefined
    const came = item.kind === 'entry' ? item.bytes : bench.returned.get(bytesToHex(digest))
    if (row !== undefined) own.set(seq, row)
    else if (came !== undefined) entries.push({ seq, bytes: came, digest })
    else return undefined
    bytes += (row?.bytes ?? came)?.byteLength ?? 0
    cursor = { seq, hash: nextChainHash(sha256, { root, shard, seq }, cursor.hash, digest) }
    cursors.push(cursor)
  }
  return { cursor, entries, own, bytes, cursors }
}

/** This relay has these; another may not, and each looks for itself. */
const shareNews = async (
  bench: Bench,
  doc: DocPath,
  { carried }: Harvest,
  entries: readonly Placed[]
): Promise<void> => {
  const { carry, relay } = bench.ports
  if (carry === undefined || !hasOthers(bench)) return
  carry.settle(
    doc,
    relay,
    entries.map(({ digest }) => bytesToHex(digest))
  )
  await noteForOthers(bench, doc, carried)
  carry.tell(doc, relay)
}

/** Another tab wrote first: a comparison that missed a stretch is worth nothing. */
export const raced = async (bench: Bench, doc: DocPath): Promise<Answer> => {
  bench.walks.delete(doc)
  const { cursor } = need(await bench.ports.log.shard(doc, bench.ports.relay))
  return { type: 'astray', doc, cursor }
}

export interface Evidence {
  readonly held: Seq
  readonly ownSeq: Seq
}

/**
 * An author held at least what it had seen of this relay, and its own entry; where nothing of ours lies between the two, it held
 * everything of ours up to that entry. What it had seen counts where this device knows the hash there: bytes that were sealed before
 * a relay lost entries name places of another history.
 */
const weigh = (bench: Bench, harvest: Harvest, stretch: Stretch, state: ShardState, known: Seq): Evidence => {
  const hashBySeq = new Map<Seq, Uint8Array>()
  for (const { seq, hash } of [...state.remembered, state.cursor, ...stretch.cursors]) hashBySeq.set(seq, hash)
  let held = state.heldElsewhere
  let ownSeq = known
  for (const { seq } of stretch.cursors) {
    if (stretch.own.has(seq) || harvest.mine.has(seq)) ownSeq = seq
    const seen = harvest.seenBySeq.get(seq)
    const there = seen && hashBySeq.get(seen.seq)
    if (!seen || !there || !bytesEqual(there, seen.hash) || !bytesEqual(seen.relay, bench.relayMark)) continue
    const upTo = seen.seq >= ownSeq ? seq : seen.seq
    if (upTo > held) held = upTo
  }
  return { held, ownSeq }
}

export const finish = async (bench: Bench, doc: DocPath, harvest: Harvest, evidence: Evidence): Promise<Answer> => {
  const { log, relay } = bench.ports
  need(await log.noteHeld(doc, relay, evidence.held))
  const state = need(await log.shard(doc, relay))
  const taken: Taken = {
    cursor: state.cursor,
    opaque: state.opaque.length,
    waiting: (await countWaiting(bench, doc)).waiting,
    tailBytes: state.tailBytes,
    snapshotBytes: state.snapshotBytes,
    held: state.heldElsewhere,
    ownSeq: evidence.ownSeq,
    own: harvest.own.map(({ counter }) => counter),
    foreign: harvest.foreign,
    invalid: harvest.invalid,
    cloned: harvest.cloned,
    check: (await readMark(bench, doc)).check
  }
  return { type: 'taken', doc, taken, devices: otherDevices(bench, harvest) }
}

const otherDevices = ({ keyholder }: Bench, { covers }: Harvest): readonly DeviceId[] =>
  [...covers.keys()].filter((device) => device !== keyholder.device)
