import type { Cursor, DocPath, RelayName } from '#app/store/ports.ts'
import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import type { Cover } from '#core/entry.ts'
import type { DeviceId } from '#core/ids.ts'
import { type Bench, formerDevices, type Mark, markKey, markOfRelay, need, readMark } from './bench.ts'
import type { Carried } from './carry.ts'
import type { Across } from './open-entries.ts'

/**
 * Several relays hold the same. What one has and another lacks is told by the covers: how far each author is in each relay's log, kept
 * with the content in one transaction. Seqs and orders of two relays are never compared.
 */

export const othersOf = ({ ports: { carry, relay } }: Bench): readonly RelayName[] =>
  carry?.relays.filter((other) => other !== relay) ?? []

export const hasOthers = (bench: Bench): boolean => othersOf(bench).length > 0

export const chosen = ({ ports: { carry, relay } }: Bench): readonly RelayName[] => carry?.relays ?? [relay]

/** The furthest of each author. */
export const joinCovers = (...lists: readonly (readonly Cover[])[]): readonly Cover[] => {
  const furthest = new Map<DeviceId, Cover>()
  for (const cover of lists.flat())
    if ((furthest.get(cover.device)?.counter ?? -1) < cover.counter) furthest.set(cover.device, cover)
  return [...furthest.values()]
}

/** What this device knows of authors by its other relays. */
export const coversElsewhere = async (bench: Bench, doc: DocPath): Promise<readonly Cover[]> => {
  const states = await Promise.all(othersOf(bench).map((other) => bench.ports.log.shard(doc, other)))
  return joinCovers(...states.map((state) => need(state).covers))
}

export const allCovers = async (bench: Bench, doc: DocPath): Promise<readonly Cover[]> =>
  joinCovers(need(await bench.ports.log.shard(doc, bench.ports.relay)).covers, await coversElsewhere(bench, doc))

/** How far a relay has each author: by its own log, or by a comparison that found all of it there. */
export const reachOf = (covers: readonly Cover[], mark: Mark): ReadonlyMap<DeviceId, number> => {
  const reach = new Map(covers.map(({ device, counter }) => [device, counter]))
  for (const [device, counter] of mark.even ?? []) reach.set(device, Math.max(counter, reach.get(device) ?? 0))
  return reach
}

/** What reading on at this relay stands on, where there are others. */
export const lookAround = async (bench: Bench, doc: DocPath, covers: readonly Cover[]): Promise<Across | undefined> =>
  hasOthers(bench)
    ? { elsewhere: await coversElsewhere(bench, doc), reach: reachOf(covers, await readMark(bench, doc)) }
    : undefined

/** Remembers, for each other relay, what of a stretch it was not seen to have. */
export const noteForOthers = async (bench: Bench, doc: DocPath, entries: readonly Carried[]): Promise<void> => {
  const { carry, log, sha256 } = bench.ports
  if (carry === undefined || entries.length === 0) return
  const former = await formerDevices(bench)
  for (const other of othersOf(bench)) {
    const state = need(await log.shard(doc, other))
    const reach = reachOf(state.covers, await markOfRelay(bench, other, doc))
    const opaque = new Set(state.opaque.map(({ bytes }) => bytesToHex(sha256(bytes))))
    const lacking = entries.flatMap((entry) => {
      const { author, digest } = entry
      if (author === undefined) return opaque.has(digest) ? [] : [entry]
      // Where a profile was copied, counters say nothing: it goes there in any case, and is stored once.
      if (former.includes(author.device) || isSecondLine(state.covers, author)) return [{ ...entry, author: undefined }]
      return author.counter > (reach.get(author.device) ?? 0) ? [entry] : []
    })
    if (lacking.length > 0) carry.note(doc, other, lacking)
  }
}

/** Each of several relays is to be compared, as soon as it is asked. */
export const compareEverywhere = async (bench: Bench): Promise<void> => {
  if (!hasOthers(bench)) return
  for (const doc of await bench.ports.documents()) {
    for (const relay of chosen(bench)) {
      const mark = await markOfRelay(bench, relay, doc)
      const key = markKey(relay, doc)
      if (mark.check === null) need(await bench.ports.shelf.put(key, { ...mark, check: 'snapshot' }))
    }
    bench.ports.carry?.tell(doc, bench.ports.relay)
  }
}

const isSecondLine = (covers: readonly Cover[], { device, counter, innerHash }: Omit<Cover, 'certificate'>): boolean =>
  covers.some(
    (cover) => cover.device === device && cover.counter === counter && !bytesEqual(cover.innerHash, innerHash)
  )

/** What this relay lacks of what the others have shown. */
export interface Owed {
  /** Can be pushed as they are: none of them follows on something that this relay lacks. */
  readonly entries: readonly Carried[]
  /** There is more that it lacks, and no bytes of it here: only a comparison of the content brings it along. */
  readonly behind: boolean
}

const NOTHING_OWED: Owed = { entries: [], behind: false }

export const findOwed = async (bench: Bench, doc: DocPath): Promise<Owed> => {
  const { carry, log, relay, sha256 } = bench.ports
  const mark = await readMark(bench, doc)
  // A comparison that is due or under way brings everything.
  if (carry === undefined || mark.check !== null) return NOTHING_OWED
  const elsewhere = await coversElsewhere(bench, doc)
  const state = need(await log.shard(doc, relay))
  const reach = reachOf(state.covers, mark)
  const opaque = new Set(state.opaque.map(({ bytes }) => bytesToHex(sha256(bytes))))
  const isHere = ({ author, digest }: Carried): boolean =>
    author === undefined ? opaque.has(digest) : author.counter <= (reach.get(author.device) ?? 0)
  const noted = carry.lacking(doc, relay)
  const arrived = noted.filter(isHere).map(({ digest }) => digest)
  carry.settle(doc, relay, arrived)
  const lines = new Map(reach)
  const entries = noted.filter((entry) => !isHere(entry) && follows(lines, entry))
  const behind = elsewhere.some(({ device, counter }) =>
    device === bench.keyholder.device ? false : counter > (lines.get(device) ?? 0)
  )
  return { entries, behind: behind || (await ownIsBehind(bench, doc, reach)) }
}

/** Moves the author's line on. */
const follows = (lines: Map<DeviceId, number>, { author }: Carried): boolean => {
  if (author === undefined) return true
  const line = lines.get(author.device) ?? 0
  if (author.counter > line + 1) return false
  lines.set(author.device, Math.max(line, author.counter))
  return true
}

/** Own entries that this relay never showed, and whose bytes are gone here. */
const ownIsBehind = async (bench: Bench, doc: DocPath, reach: ReadonlyMap<DeviceId, number>): Promise<boolean> => {
  const { log, relay } = bench.ports
  const { counter } = need(await log.author(doc))
  const shown = reach.get(bench.keyholder.device) ?? 0
  const [first] = need(await log.unacknowledged(doc, relay))
  return counter > shown && (first?.counter ?? counter + 1) > shown + 1
}

/**
 * A snapshot replaces a relay's log up to its end, and who stands at the head is not told: it may contain nothing that did not come in
 * entries. So it is built only while this relay has everything that this device has from anywhere.
 */
export interface Evenness {
  readonly covers: readonly Cover[]
  /** Where the other relays' logs stood. */
  readonly cursors: readonly Cursor[]
}

export const lookEven = async (bench: Bench, doc: DocPath): Promise<Evenness | undefined> => {
  const { log, relay } = bench.ports
  const states = await Promise.all(othersOf(bench).map((other) => log.shard(doc, other)))
  const { entries, behind } = await findOwed(bench, doc)
  const waiting = need(await log.unacknowledged(doc, relay)).length
  if (entries.length > 0 || behind || waiting > 0) return undefined
  return { covers: await allCovers(bench, doc), cursors: states.map((state) => need(state).cursor) }
}

export const sameEvenness = (a: Evenness | undefined, b: Evenness | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  a.cursors.every(({ seq, hash }, index) => {
    const other = b.cursors[index]
    return other !== undefined && other.seq === seq && bytesEqual(other.hash, hash)
  })
