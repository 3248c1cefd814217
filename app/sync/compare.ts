import type { Cursor, DocPath } from '#app/store/ports.ts'
import { bytesToHex } from '#core/bytes.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { Cover } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { allCovers, hasOthers } from './across.ts'
import { type Bench, need, readMark, startWalk, type Walk, writeMark } from './bench.ts'
import type { Answer, CheckReason } from './session-words.ts'

/** What this device has against what the relay can show: by content and by deletions, never by counting. */

const BEGINNING: Cursor = { seq: seq(0), hash: EMPTY_CHAIN_HASH }

/**
 * Goes back to the start and reads everything again. Always to the start: only there it is known what the relay holds of each author.
 * The note comes first, so that a crash in between begins the reading again instead of forgetting it.
 */
export const rewind = async (bench: Bench, doc: DocPath, reason: CheckReason): Promise<Answer> => {
  const mark = await readMark(bench, doc)
  const check = mark.check === 'fork' ? 'fork' : reason
  await writeMark(bench, doc, { ...mark, check })
  need(await bench.ports.log.rewind(doc, bench.ports.relay, BEGINNING))
  bench.walks.set(doc, startWalk())
  return { type: 'rewound', doc, reason: check, cursor: BEGINNING }
}

const confirmedContent = async ({ ports }: Bench, doc: DocPath): Promise<readonly Uint8Array[]> => {
  const { base, confirmed } = need(await ports.docLog.foldable(doc))
  const rows = confirmed.map(({ update }) => update)
  return base === undefined ? rows : [base, ...rows]
}

const lacking = async (bench: Bench, doc: DocPath, walk: Walk): Promise<Uint8Array | undefined> =>
  bench.ports.docBytes.missing(await confirmedContent(bench, doc), walk.updates)

/** Whether this device's next entry would follow one that the relay cannot show any more. */
const hasGap = async ({ ports: { log, relay }, keyholder }: Bench, doc: DocPath, walk: Walk): Promise<boolean> => {
  const author = need(await log.author(doc))
  if (author.counter === 0) return false
  const [first] = need(await log.unacknowledged(doc, relay))
  return (first?.counter ?? author.counter + 1) > (walk.shown.get(keyholder.device)?.upTo ?? 0) + 1
}

/** Whether what another author writes next, and another relay brings, would follow one that this relay cannot show. */
const hasGapOfOthers = ({ keyholder }: Bench, covers: readonly Cover[], { shown }: Walk): boolean =>
  covers.some(({ device, counter }) => device !== keyholder.device && counter > (shown.get(device)?.upTo ?? 0))

/** Entries that nobody here could open are not in any document: they go back as they came. */
const lostOpaque = async ({ ports }: Bench, doc: DocPath, walk: Walk): Promise<readonly Uint8Array[]> =>
  need(await ports.log.shard(doc, ports.relay))
    .opaque.map(({ bytes }) => bytes)
    .filter((bytes) => !walk.digests.has(bytesToHex(ports.sha256(bytes))))

export const compare = async (bench: Bench, doc: DocPath): Promise<Answer> => {
  const walk = bench.walks.get(doc)
  if (walk === undefined) return rewind(bench, doc, (await readMark(bench, doc)).check ?? 'refresh')
  // Before the content: it contains at least what these promise.
  const covers = hasOthers(bench) ? await allCovers(bench, doc) : []
  const gap = (await hasGap(bench, doc, walk)) || hasGapOfOthers(bench, covers, walk)
  const missing = (await lacking(bench, doc, walk)) !== undefined || (await lostOpaque(bench, doc, walk)).length > 0
  if (!missing) await settle(bench, doc, gap, covers)
  return { type: 'compared', doc, missing, gap }
}

/** Judged anew: another device may have given it back meanwhile. */
export const repair = async (bench: Bench, doc: DocPath): Promise<Answer> => {
  const walk = bench.walks.get(doc)
  if (walk === undefined) return rewind(bench, doc, (await readMark(bench, doc)).check ?? 'refresh')
  const covers = hasOthers(bench) ? await allCovers(bench, doc) : []
  const update = await lacking(bench, doc, walk)
  const gap = (await hasGap(bench, doc, walk)) || hasGapOfOthers(bench, covers, walk)
  if (update !== undefined) need(await bench.ports.docLog.appendLocal(doc, update))
  const lost = await lostOpaque(bench, doc, walk)
  for (const bytes of lost) bench.returned.set(bytesToHex(bench.ports.sha256(bytes)), bytes)
  await settle(bench, doc, gap, covers)
  return { type: 'repaired', doc, lost }
}

const settle = async (bench: Bench, doc: DocPath, gap: boolean, covers: readonly Cover[]): Promise<void> => {
  const even = covers.map(({ device, counter }) => [device, counter] as const)
  await writeMark(bench, doc, even.length > 0 ? { check: null, gap, even } : { check: null, gap })
  bench.walks.delete(doc)
}
