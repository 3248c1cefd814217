import type { DocPath } from '#app/store/ports.ts'
import type { Opened } from '#app/vault/ports.ts'
import { bytesEqual, concatBytes } from '#core/bytes.ts'
import type { SnapshotBody } from '#core/entry.ts'
import type { SnapshotChunk } from '#core/frames.ts'
import { seq as asSeq } from '#core/ids.ts'
import { chosen, lookAround } from './across.ts'
import { type Bench, kept, need, noteShown, readMark, startWalk, writeMark } from './bench.ts'
import { advance, type OwnLine, openAll, startHarvest } from './open-entries.ts'
import type { Answer, Effect } from './session-words.ts'
import { finish, placedOpaque, raced, readLine } from './take.ts'

/** SNAPSHOT -> opened, checked against its envelope, written in place of the entries it stands for. */

type Opening = Extract<Opened, { readonly status: 'snapshot' }>

export const takeSnapshot = async (
  bench: Bench,
  effect: Extract<Effect, { readonly type: 'take-snapshot' }>
): Promise<Answer> => {
  const { log, relay } = bench.ports
  const { doc, chunks } = effect
  const shard = await bench.keyholder.shard(doc)
  const bytes = concatBytes(...chunks.map(({ chunk }) => chunk))
  const opened = await bench.keyholder.openSnapshot(shard, bytes)
  const unfit = misfit(bench, opened, chunks[0])
  if (opened.status !== 'snapshot' || unfit !== undefined) return { type: 'unfit', doc, why: unfit ?? opened.status }
  const { body } = opened
  const state = need(await log.shard(doc, relay))
  const line = await readLine(bench, doc)
  const harvest = startHarvest(state, await lookAround(bench, doc, state.covers))
  if (body.to > state.cursor.seq) {
    for (const cover of body.covers) advance(harvest, cover, cover.certificate)
    harvest.own.push(...ownInside(line, body))
    harvest.cloned = isCloned(line, body)
    harvest.updates.push(body.document)
    const walk = await beginCheck(bench, doc, harvest.own.length > 0)
    walk?.updates.push(body.document)
    const ownCover = body.covers.find(({ device }) => device === line.device)
    if (walk !== undefined) for (const { device, counter } of body.covers) noteShown(walk, device, counter, 'cover')
    await openAll(bench, shard, line, harvest, placedOpaque(bench, state), walk)
    const written = await log.receive(doc, relay, {
      from: state.cursor,
      to: { seq: body.to, hash: body.hashTo },
      updates: harvest.updates,
      covers: [...harvest.covers.values()],
      opaque: [...harvest.opaque.values()],
      tailBytes: 0,
      snapshotBytes: bytes.byteLength,
      own: harvest.own
    })
    if (!kept(written)) return raced(bench, doc)
    if (ownCover !== undefined) need(await log.dropSealed(doc, ownCover.counter, chosen(bench)))
    bench.ports.carry?.tell(doc, relay)
  }
  // Whoever wrote it had computed the hash at `to`: it held everything up to there.
  const foreign = opened.device !== line.device
  if (foreign) harvest.foreign += 1
  const held = asSeq(foreign ? Math.max(state.heldElsewhere, body.to) : state.heldElsewhere)
  const ownSeq = harvest.own.length > 0 ? body.to : line.author.counter === 0 ? asSeq(0) : state.cursor.seq
  return finish(bench, doc, harvest, { held, ownSeq })
}

/** @returns why it cannot be what the envelope says; undefined when it fits. */
const misfit = (bench: Bench, opened: Opened, envelope: SnapshotChunk | undefined): string | undefined => {
  if (opened.status !== 'snapshot' || envelope === undefined) return opened.status
  const { body } = opened
  if (body.from !== envelope.from || body.to !== envelope.to || !bytesEqual(body.hashTo, envelope.hashTo))
    return 'another place in the log than its envelope names'
  return bench.ports.docBytes.valid(body.document) ? undefined : 'not a document'
}

/** Own entries that the snapshot says it contains. The comparison afterwards shows whether it does. */
const ownInside = ({ device, unacknowledged }: OwnLine, { covers, to }: SnapshotBody) => {
  const cover = covers.find((each) => each.device === device)
  if (cover === undefined) return []
  return unacknowledged
    .filter(({ counter, innerHash }) =>
      counter === cover.counter ? bytesEqual(innerHash, cover.innerHash) : counter < cover.counter
    )
    .map(({ counter }) => ({ counter, seq: to }))
}

const isCloned = ({ device, author }: OwnLine, { covers }: SnapshotBody): boolean => {
  const cover: Opening['body']['covers'][number] | undefined = covers.find((each) => each.device === device)
  if (cover === undefined) return false
  if (cover.counter !== author.counter) return cover.counter > author.counter
  return author.counter > 0 && !bytesEqual(cover.innerHash, author.innerHash)
}

/**
 * Whoever held confirmed content before compares it with snapshot and tail, and gives back what they lack: a compactor may have known
 * less. Noted before the snapshot is written, so that a crash in between does not skip it.
 */
const beginCheck = async (bench: Bench, doc: DocPath, ownInside: boolean) => {
  const under = bench.walks.get(doc)
  if (under !== undefined) return under
  const { base, confirmed } = need(await bench.ports.docLog.foldable(doc))
  if (base === undefined && confirmed.length === 0 && !ownInside) return undefined
  const mark = await readMark(bench, doc)
  await writeMark(bench, doc, { ...mark, check: mark.check ?? 'snapshot' })
  const walk = startWalk()
  bench.walks.set(doc, walk)
  return walk
}
