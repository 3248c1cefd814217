import type Database from 'better-sqlite3'
import type { OpenStoreFailure } from '#server/rooms/open-ports.ts'
import { asStoreFailure } from './failure.ts'
import { createRoomCache, type KnownRoom } from './room-cache.ts'
import {
  type AppendOutcome,
  PART_BYTES,
  type PackedRows,
  type PackedUpdate,
  packRows,
  RELAY_FULL,
  ROOM_FULL,
  STORE_FAILED,
  unpackBatch
} from './update-batch.ts'
import { createUpdateRows } from './update-rows.ts'

/** Rooms' rows and bases, synchronous: runs in the store's thread, one request after the other. Throws what SQLite throws. */

/** Rows deleted in one transaction. */
const SWEEP_ROWS = 500

export interface LoadedBase {
  readonly upto: number
  readonly size: number
  readonly stateVector: Uint8Array
  readonly deletes: Uint8Array
}

export interface NewBase extends LoadedBase {
  readonly name: Uint8Array
}

/** A base whose parts are asked for one by one; `parts` tells how many there are. */
export interface BasePlace {
  readonly id: number
  readonly size: number
}

export type UpdateStore = ReturnType<typeof createUpdateStore>

/** As a value that crosses between threads: copied out of whatever it is part of. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

export const createUpdateStore = (db: Database.Database, roomBytes: number) => {
  const rows = createUpdateRows(db)
  const cache = createRoomCache(rows)

  const write = <Given extends readonly unknown[], Value>(run: (...given: Given) => Value) => {
    const transaction = db.transaction((given: Given) => run(...given)).immediate
    return (...given: Given): Value => {
      try {
        return transaction(given)
      } catch (cause) {
        // What is remembered of rooms may be ahead of what was rolled back.
        cache.clear()
        throw cause
      }
    }
  }

  const appendOne = ({ key, bytes }: PackedUpdate): number => {
    const room = cache.getOrAdd(key)
    if (room.baseSize + room.tailBytes + bytes.byteLength > roomBytes) return ROOM_FULL
    rows.addRow.run(room.id, room.head + 1, bytes)
    room.head++
    room.tailBytes += bytes.byteLength
    room.tailRows++
    return room.head
  }

  const appendAll = write((batch: readonly PackedUpdate[]) => batch.map(appendOne))

  const appendList = (batch: readonly PackedUpdate[]): AppendOutcome => {
    try {
      return { seqs: appendAll(batch), reason: undefined }
    } catch (cause) {
      const failure = asStoreFailure(cause)
      // A disk without room for all may have room for some: one large update must not take its neighbours down.
      if (failure.kind === 'relay-full' && batch.length > 1) {
        const half = batch.length >> 1
        const [first, second] = [appendList(batch.slice(0, half)), appendList(batch.slice(half))]
        return { seqs: [...first.seqs, ...second.seqs], reason: first.reason ?? second.reason }
      }
      const code = failure.kind === 'relay-full' ? RELAY_FULL : STORE_FAILED
      return { seqs: batch.map(() => code), reason: failure.kind === 'store' ? failure.reason : undefined }
    }
  }

  const headOf = (room: KnownRoom): LoadedBase | undefined => {
    const base = room.base === 0 ? undefined : rows.base(room.base)
    return base && { upto: base.upto, size: base.size, stateVector: own(base.state_vector), deletes: own(base.deletes) }
  }

  /** Deletes some of what was replaced. @returns whether anything is left. */
  const sweepSome = (): boolean => {
    let bytes = 0
    let deleted = 0
    for (let trash = rows.trash(); trash !== undefined; trash = rows.trash()) {
      const partBytes = Math.min(PART_BYTES, rows.base(trash.base)?.size ?? PART_BYTES)
      while (trash.base !== 0 && rows.dropPart(trash.base)) {
        bytes += partBytes
        if (bytes >= PART_BYTES) return true
      }
      const due = trash.room === 0 ? [] : rows.sizesUpTo(trash.room, trash.upto, SWEEP_ROWS)
      let last = 0
      for (const { seq, size } of due) {
        if (last > 0 && bytes + size > PART_BYTES) break
        bytes += size
        deleted++
        last = seq
      }
      if (last > 0) rows.dropRows(trash.room, last)
      if (bytes >= PART_BYTES || deleted >= SWEEP_ROWS || last < (due.at(-1)?.seq ?? 0)) return true
      if (trash.base !== 0) rows.dropBase(trash.base)
      rows.dropTrash(trash.id)
    }
    return false
  }

  const discardStaging = (room: number): void => {
    const staging = rows.staging(room)
    if (staging === undefined) return
    rows.addTrash(staging.base, 0, 0)
    rows.dropStaging(room)
  }

  /** Bytes a base that ends at `upto` takes the place of. */
  const replacedBy = (room: KnownRoom, upto: number) => rows.between(room.id, room.upto, upto)

  const begin = (base: NewBase): OpenStoreFailure | BasePlace => {
    const room = cache.get(base.name)
    if (room === undefined || base.upto > room.head || base.upto <= room.upto) return { kind: 'cas' }
    const grown = base.size - room.baseSize - replacedBy(room, base.upto).bytes
    // A base that makes room is welcome in a full room too.
    if (grown > 0 && room.baseSize + room.tailBytes + grown > roomBytes) return { kind: 'room-full' }
    discardStaging(room.id)
    const id = rows.addBase(room.id, base.upto, base.size, base.stateVector, base.deletes)
    rows.setStaging(room.id, id)
    return { id, size: base.size }
  }

  const isStaging = (name: Uint8Array, id: number): number | undefined => {
    const room = cache.get(name)?.id
    return room !== undefined && rows.staging(room)?.base === id ? room : undefined
  }

  const adopt = (name: Uint8Array, expected: number, id: number): boolean => {
    const room = cache.get(name)
    const staging = room && rows.staging(room.id)
    if (room === undefined || staging === undefined || room.upto !== expected) return false
    if (staging.whole === 0 || staging.base !== id) return false
    const { upto } = staging
    const replaced = replacedBy(room, upto)
    rows.addTrash(room.base, room.id, upto)
    rows.dropStaging(room.id)
    rows.setBase(room.id, staging.base)
    room.tailBytes -= replaced.bytes
    room.tailRows -= replaced.rows
    room.base = staging.base
    room.baseSize = staging.size
    room.upto = upto
    sweepSome()
    return true
  }

  const drop = (name: Uint8Array, id: number): void => {
    const room = isStaging(name, id)
    if (room !== undefined) discardStaging(room)
  }

  // Whoever staged them is gone.
  write(() => rows.abandonStagings())()

  return {
    load(name: Uint8Array) {
      const room = cache.get(name)
      if (room === undefined) return { head: 0, base: undefined, tailBytes: 0, tailRows: 0 }
      return { head: room.head, base: headOf(room), tailBytes: room.tailBytes, tailRows: room.tailRows }
    },
    head: (name: Uint8Array): number => cache.get(name)?.head ?? 0,
    append: (packed: Uint8Array<ArrayBuffer>): AppendOutcome => appendList(unpackBatch(packed)),
    readRows(name: Uint8Array, after: number, limit: number): PackedRows {
      const found: { seq: number; bytes: Uint8Array }[] = []
      const room = cache.get(name)
      let size = 0
      for (const row of room === undefined ? [] : rows.rowsAfter(room.id, Math.max(after, room.upto))) {
        size += row.bytes.byteLength
        if (size > limit && found.length > 0) break
        found.push(row)
      }
      return packRows(found)
    },
    /** Where the base that ends at `upto` is to be read, if there is one. */
    findBase(name: Uint8Array, upto: number): BasePlace | undefined {
      const room = cache.get(name)
      if (room === undefined) return undefined
      if (room.base !== 0 && room.upto === upto) return { id: room.base, size: room.baseSize }
      const staging = rows.staging(room.id)
      return staging?.whole === 1 && staging.upto === upto ? { id: staging.base, size: staging.size } : undefined
    },
    readPart: (id: number, part: number) => rows.part(id, part),
    beginStage: write(begin),
    /** @returns false where another base is being staged by now. */
    addPart: write((name: Uint8Array, id: number, part: number, bytes: Uint8Array): boolean => {
      if (isStaging(name, id) === undefined) return false
      rows.addPart(id, part, bytes)
      return true
    }),
    endStage: write((name: Uint8Array, id: number): boolean => {
      const room = isStaging(name, id)
      return room !== undefined && rows.finishStaging(room, id).changes === 1
    }),
    dropStage: write(drop),
    adopt: write(adopt),
    sweep: write(sweepSome)
  }
}
