import type { AuthorState, OpaqueEntry, SealedRow, ShardState } from '#app/store/ports.ts'
import type { Opened } from '#app/vault/ports.ts'
import { bytesEqual, bytesToHex } from '#core/bytes.ts'
import type { Cover, Seen } from '#core/entry.ts'
import type { DeviceId, Seq, ShardId } from '#core/ids.ts'
import { joinCovers } from './across.ts'
import { type Bench, noteShown, type Walk } from './bench.ts'
import type { Carried } from './carry.ts'

/** One entry at its place in the relay's log. */
export interface Placed {
  readonly seq: Seq
  readonly bytes: Uint8Array
  readonly digest: Uint8Array
}

/** What a stretch of entries comes to. */
export interface Harvest {
  readonly covers: Map<DeviceId, Cover>
  readonly updates: Uint8Array[]
  readonly own: { readonly counter: number; readonly seq: Seq }[]
  /** By seq: what an entry of another device says its author held. */
  readonly seenBySeq: Map<Seq, Seen>
  /** Entries under this device's name, awaited or not. */
  readonly mine: Set<Seq>
  readonly opaque: Map<string, OpaqueEntry>
  /** undefined where there is one relay. */
  readonly across: Across | undefined
  /** Entries that another relay may lack. */
  readonly carried: Carried[]
  foreign: number
  invalid: number
  cloned: boolean
}

/** What this device knows of its own line, to tell its own entries from a clone's. */
export interface OwnLine {
  readonly device: DeviceId
  readonly author: AuthorState
  readonly unacknowledged: readonly SealedRow[]
}

/** Where there are several relays. */
export interface Across {
  /** What this device knows of authors by the others. */
  readonly elsewhere: readonly Cover[]
  /** How far this one has each author, by its log or by content. */
  readonly reach: ReadonlyMap<DeviceId, number>
}

export const startHarvest = (state: ShardState, across?: Across): Harvest => ({
  covers: new Map(state.covers.map((cover) => [cover.device, cover])),
  updates: [],
  own: [],
  seenBySeq: new Map(),
  mine: new Set(),
  opaque: new Map(),
  across,
  carried: [],
  foreign: 0,
  invalid: 0,
  cloned: false
})

/** A line that begins by content alone has its certificate from the relay that showed it. */
const certificateOf = (across: Across | undefined, { device }: Pick<Cover, 'device'>): Uint8Array | undefined =>
  across?.elsewhere.find((cover) => cover.device === device)?.certificate

/** Moves what is known of an author on; never back. */
export const advance = (
  harvest: Harvest,
  next: Omit<Cover, 'certificate'>,
  certificate: Uint8Array | undefined
): void => {
  const known = harvest.covers.get(next.device)
  const proof = known?.certificate ?? certificate
  if (proof === undefined || (known !== undefined && known.counter >= next.counter)) return
  const { device, counter, innerHash } = next
  harvest.covers.set(device, { device, counter, innerHash, certificate: proof })
}

/**
 * What one relay shows beyond a gap can be opened by what another has shown before; this relay's line moves on only where it
 * follows, so that the gap is seen and closed.
 */
export const advanceBy = (
  harvest: Harvest,
  next: Omit<Cover, 'certificate'>,
  certificate: Uint8Array | undefined
): void => {
  const { across, covers } = harvest
  const line = Math.max(covers.get(next.device)?.counter ?? 0, across?.reach.get(next.device) ?? 0)
  if (across === undefined || next.counter <= line + 1)
    advance(harvest, next, certificate ?? certificateOf(across, next))
}

/**
 * Opens entries with what is known, then again those that stay opaque with what the others brought, until nothing moves. Opaque ones
 * from earlier stretches go first: their turn in the log was earlier.
 */
export const openAll = async (
  bench: Bench,
  shard: ShardId,
  line: OwnLine,
  harvest: Harvest,
  entries: readonly Placed[],
  walk: Walk | undefined
): Promise<void> => {
  // Its own line a device knows by itself, whatever a relay has shown of it.
  const own = { device: line.device, ...line.author, certificate: bench.keyholder.deviceCertificate }
  let closed = entries
  while (closed.length > 0) {
    const opened = await bench.keyholder.open(
      shard,
      knownOf(harvest, own),
      closed.map(({ bytes }) => bytes)
    )
    const still: Placed[] = []
    closed.forEach((entry, index) => {
      const result = opened[index]
      if (result === undefined || !absorb(bench, line, harvest, entry, result, walk)) still.push(entry)
    })
    if (still.length === closed.length) break
    closed = still
  }
  for (const { seq, bytes, digest } of closed) {
    harvest.opaque.set(bytesToHex(digest), { seq, bytes })
    harvest.carried.push({ digest: bytesToHex(digest), bytes, author: undefined })
  }
}

const knownOf = ({ covers, across }: Harvest, own: Cover): readonly Cover[] =>
  joinCovers([...covers.values()], across?.elsewhere ?? [], own.counter > 0 ? [own] : [])

/** @returns false while it stays opaque. */
const absorb = (
  bench: Bench,
  line: OwnLine,
  harvest: Harvest,
  entry: Placed,
  opened: Opened,
  walk: Walk | undefined
): boolean => {
  switch (opened.status) {
    case 'opaque':
      return false
    case 'snapshot':
      harvest.invalid += 1
      return true
    case 'invalid':
      harvest.invalid += 1
      if (opened.author !== undefined) {
        advanceBy(harvest, opened.author, undefined)
        if (walk !== undefined) noteShown(walk, opened.author.device, opened.author.counter, 'entry')
        // It is worth nothing, but what its author wrote afterwards follows on it.
        harvest.carried.push({ digest: bytesToHex(entry.digest), bytes: entry.bytes, author: opened.author })
      }
      return true
    default:
      // A later version may write the other encoding: it is kept until this app can read it.
      if (opened.status === 'update' && opened.yjsV2) return false
      advanceBy(harvest, opened, opened.status === 'certificate' ? opened.certificate : undefined)
      if (walk !== undefined) noteShown(walk, opened.device, opened.counter, 'entry')
      return apply(bench, line, harvest, entry, opened, walk)
  }
}

type Readable = Extract<Opened, { readonly status: 'update' | 'certificate' }>

const apply = (
  bench: Bench,
  line: OwnLine,
  harvest: Harvest,
  { seq, bytes, digest }: Placed,
  opened: Readable,
  walk: Walk | undefined
): boolean => {
  const mine = opened.device === line.device
  const awaited = mine && line.unacknowledged.some((row) => isSame(row, opened))
  const copied = mine && !awaited && isForeignUnderMyName(line, opened)
  if (awaited) harvest.own.push({ counter: opened.counter, seq })
  else if (copied) harvest.cloned = true
  if (!mine || copied) {
    const { device, counter, innerHash } = opened
    const author = copied ? undefined : { device, counter, innerHash }
    harvest.carried.push({ digest: bytesToHex(digest), bytes, author })
  }
  if (mine) harvest.mine.add(seq)
  else {
    harvest.foreign += 1
    harvest.seenBySeq.set(seq, opened.seen)
  }
  if (opened.status === 'certificate') return true
  if (!bench.ports.docBytes.valid(opened.update)) {
    harvest.invalid += 1
    return true
  }
  walk?.updates.push(opened.update)
  // The rows of an awaited entry are here already.
  if (!awaited) harvest.updates.push(opened.update)
  return true
}

const isSame = (a: Pick<SealedRow, 'counter' | 'innerHash'>, b: Pick<SealedRow, 'counter' | 'innerHash'>): boolean =>
  a.counter === b.counter && bytesEqual(a.innerHash, b.innerHash)

/** An entry under this device's name that this profile did not write. */
const isForeignUnderMyName = ({ author, unacknowledged }: OwnLine, opened: Readable): boolean =>
  opened.counter > author.counter ||
  (opened.counter === author.counter && !bytesEqual(opened.innerHash, author.innerHash)) ||
  unacknowledged.some((row) => row.counter === opened.counter)
