import { err, ok, type Result } from '#core/result.ts'
import type {
  AppendedRow,
  Base,
  NewUpdate,
  OpenStoreFailure,
  RoomName,
  StageId,
  UpdateLog,
  UpdateRow
} from '#server/rooms/open-ports.ts'
import type { DiskBase, DiskRoom, MemoryRoomDisk, RoomDiskStep } from './memory-room-disk.ts'

export interface MemoryUpdateLogOptions {
  readonly disk: MemoryRoomDisk
  /** Bytes a room may hold, base and rows together. */
  readonly roomBytes: number
  /** Bytes of all rooms together: the size of the pretended disk. */
  readonly relayBytes?: () => number
  /**
   * Called before each step becomes durable. True: the process dies here; the disk stays as it is and neither this call
   * nor any later one is ever answered.
   */
  readonly isCut?: (step: RoomDiskStep) => boolean
  /** Bytes of a base written in one step. */
  readonly partBytes?: number
}

const DEFAULT_PART_BYTES = 1_000_000

const never = (): Promise<never> => new Promise(() => undefined)

const sizeOf = (rows: readonly UpdateRow[]): number => rows.reduce((sum, row) => sum + row.bytes.byteLength, 0)
const uptoOf = (room: DiskRoom): number => room.base?.upto ?? 0

const tailOf = ({ rows, base }: DiskRoom): readonly UpdateRow[] =>
  base === undefined || (rows[0]?.seq ?? Number.POSITIVE_INFINITY) > base.upto
    ? rows
    : rows.filter(({ seq }) => seq > base.upto)

const liveBytes = (room: DiskRoom): number => sizeOf(tailOf(room)) + (room.base?.bytes.byteLength ?? 0)

/** Undefined inside the base, where nothing is known any more, and beyond the head. */
const markAt = ({ rows, base }: DiskRoom, seq: number): number | undefined => {
  if (seq === (base?.upto ?? 0)) return base?.mark ?? 0
  return rows.findLast((row) => row.seq === seq)?.mark
}

/** A chain over what was appended, the same in every run of a world: equal marks, equal contents. FNV-1a's primes, in two halves. */
const nextMark = (before: number, bytes: Uint8Array): number => {
  let low = (before % 0x1000000) ^ 0x811c9dc5
  let high = Math.floor(before / 0x1000000) ^ bytes.byteLength
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193)
    high = Math.imul(high ^ byte ^ (low >>> 15), 0x01000193)
  }
  return (high >>> 8) * 0x1000000 + (low >>> 8)
}

const copyOf = (base: Base, mark: number, stage: StageId): DiskBase => ({
  mark,
  stage,
  upto: base.upto,
  bytes: base.bytes.slice(),
  stateVector: base.stateVector.slice(),
  deletes: base.deletes.slice()
})

type Answer<Value> = Result<Value, OpenStoreFailure>

export const createMemoryUpdateLog = (options: MemoryUpdateLogOptions): UpdateLog => {
  const { disk, roomBytes, relayBytes = () => Number.POSITIVE_INFINITY, isCut = () => false } = options
  const { partBytes = DEFAULT_PART_BYTES } = options
  let dead = false

  /** What a process before left half done. */
  for (const [name, room] of disk.rooms) {
    disk.rooms.set(name, { ...room, rows: [...tailOf(room)], staged: undefined, draft: [] })
  }

  const cut = (step: RoomDiskStep): boolean => {
    dead ||= isCut(step)
    return dead
  }
  const roomOf = (name: RoomName): DiskRoom =>
    disk.rooms.get(name) ?? { head: 0, rows: [], base: undefined, staged: undefined, draft: [] }
  const used = (): number => [...disk.rooms.values()].reduce((sum, room) => sum + liveBytes(room), 0)
  const answer = <Value>(run: () => Answer<Value>): Promise<Answer<Value>> => (dead ? never() : Promise.resolve(run()))

  /** Rows to add by room, judged before any of them is kept. */
  const judge = (batch: readonly NewUpdate[]) => {
    const added = new Map<RoomName, UpdateRow[]>()
    const addedBytes = new Map<RoomName, number>()
    const marks = new Map<RoomName, number>()
    const limit = relayBytes()
    let total = Number.isFinite(limit) ? used() : 0
    const results = batch.map(({ room: name, bytes }): Answer<AppendedRow> => {
      const room = roomOf(name)
      const already = addedBytes.get(name) ?? 0
      if (liveBytes(room) + already + bytes.byteLength > roomBytes) return err({ kind: 'room-full' })
      if (total + bytes.byteLength > limit) return err({ kind: 'relay-full' })
      const rows = added.get(name) ?? []
      const seq = room.head + rows.length + 1
      const before = marks.get(name) ?? markAt(room, room.head) ?? 0
      const mark = nextMark(before, bytes)
      rows.push({ seq, mark, bytes: bytes.slice() })
      added.set(name, rows)
      marks.set(name, mark)
      addedBytes.set(name, already + bytes.byteLength)
      total += bytes.byteLength
      return ok({ seq, mark, before })
    })
    return { added, results }
  }

  const checkStage = (room: DiskRoom, base: Base, mark: number | undefined): OpenStoreFailure | undefined => {
    if (base.upto > room.head || base.upto <= uptoOf(room)) return { kind: 'cas' }
    if (mark !== undefined && mark !== markAt(room, base.upto)) return { kind: 'cas' }
    const replaced = sizeOf(tailOf(room).filter(({ seq }) => seq <= base.upto)) + (room.base?.bytes.byteLength ?? 0)
    const grown = base.bytes.byteLength - replaced
    // A base that makes room is welcome in a full room too.
    if (grown > 0 && liveBytes(room) + grown > roomBytes) return { kind: 'room-full' }
    // Old and new stand beside each other for a while.
    if (used() + base.bytes.byteLength > relayBytes()) return { kind: 'relay-full' }
    return undefined
  }

  return {
    load: (name) =>
      answer(() => {
        const room = roomOf(name)
        const tail = tailOf(room)
        const { base } = room
        return ok({
          head: room.head,
          base: base && {
            upto: base.upto,
            mark: base.mark,
            size: base.bytes.byteLength,
            stateVector: base.stateVector,
            deletes: base.deletes
          },
          tailBytes: sizeOf(tail),
          tailRows: tail.length
        })
      }),
    heads: (names) =>
      answer(() => ok(names.map(roomOf).map((room) => ({ seq: room.head, mark: markAt(room, room.head) ?? 0 })))),
    async append(batch) {
      if (dead) return never()
      const { added, results } = judge(batch)
      if (cut('append')) return never()
      for (const [name, rows] of added) {
        const room = roomOf(name)
        room.rows.push(...rows)
        disk.rooms.set(name, { ...room, head: room.head + rows.length })
      }
      return results
    },
    readAfter: (name, after, limit, mark) =>
      answer(() => {
        const room = roomOf(name)
        if (mark !== undefined && after >= uptoOf(room) && markAt(room, after) !== mark) return err({ kind: 'fork' })
        const rows: UpdateRow[] = []
        let size = 0
        for (const row of tailOf(room)) {
          if (row.seq <= after) continue
          size += row.bytes.byteLength
          if (size > limit && rows.length > 0) break
          rows.push(row)
        }
        return ok(rows)
      }),
    readBase: (name, upto) =>
      answer(() => {
        const { base, staged } = roomOf(name)
        return ok([base, staged].find((each) => each?.upto === upto)?.bytes.slice())
      }),
    async stage(name, given, mark) {
      if (dead) return never()
      const refused = checkStage(roomOf(name), given, mark)
      if (refused !== undefined) return err(refused)
      const stage = ++disk.stagings.count as StageId
      const base = copyOf(given, markAt(roomOf(name), given.upto) ?? 0, stage)
      disk.rooms.set(name, { ...roomOf(name), staged: undefined, draft: [] })
      for (let from = 0; from < base.bytes.byteLength; from += partBytes) {
        if (cut('stage-part')) return never()
        const room = roomOf(name)
        disk.rooms.set(name, { ...room, draft: [...room.draft, base.bytes.subarray(from, from + partBytes)] })
      }
      if (cut('stage')) return never()
      disk.rooms.set(name, { ...roomOf(name), staged: base, draft: [] })
      return ok(stage)
    },
    async adopt(name, expected, stage) {
      if (dead) return never()
      const { staged } = roomOf(name)
      if (uptoOf(roomOf(name)) !== expected || staged?.stage !== stage) return err({ kind: 'cas' })
      if (cut('adopt')) return never()
      disk.rooms.set(name, { ...roomOf(name), base: staged, staged: undefined })
      if (cut('sweep')) return never()
      const room = roomOf(name)
      disk.rooms.set(name, { ...room, rows: [...tailOf(room)] })
      return ok(undefined)
    }
  }
}
