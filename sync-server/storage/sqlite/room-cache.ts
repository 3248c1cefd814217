import type { UpdateRows } from './update-rows.ts'

/** What an append needs to know of a room, kept so that it asks the database nothing. */
export interface KnownRoom {
  readonly id: number
  head: number
  /** Id of the current base, 0 = none, with its end and size. */
  base: number
  upto: number
  baseSize: number
  tailRows: number
  tailBytes: number
}

/** About 300 bytes each. */
const MAX_ROOMS = 5_000

export const createRoomCache = (rows: UpdateRows) => {
  const roomByName = new Map<string, KnownRoom>()

  /** A character a byte: as distinct as the bytes, and made faster than a hash. */
  const keyOf = (name: Uint8Array): string =>
    Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1')
  const nameOf = (key: string): Buffer => Buffer.from(key, 'latin1')

  const keep = (key: string, room: KnownRoom): KnownRoom => {
    if (roomByName.size >= MAX_ROOMS) {
      const [oldest] = roomByName.keys()
      if (oldest !== undefined) roomByName.delete(oldest)
    }
    roomByName.set(key, room)
    return room
  }

  const read = (name: Uint8Array): KnownRoom | undefined => {
    const found = rows.room(name)
    if (found === undefined) return undefined
    const base = found.base === 0 ? undefined : rows.base(found.base)
    const upto = base?.upto ?? 0
    const tail = rows.tail(found.id, upto)
    return {
      id: found.id,
      head: tail.head ?? upto,
      base: found.base,
      upto,
      baseSize: base?.size ?? 0,
      tailRows: tail.rows,
      tailBytes: tail.bytes
    }
  }

  const find = (key: string): KnownRoom | undefined => {
    const known = roomByName.get(key)
    if (known !== undefined) return known
    const room = read(nameOf(key))
    return room && keep(key, room)
  }

  return {
    get: (name: Uint8Array): KnownRoom | undefined => find(keyOf(name)),
    /** @param key as PackedUpdate has it */
    getOrAdd: (key: string): KnownRoom =>
      find(key) ??
      keep(key, {
        id: rows.addRoom(nameOf(key)),
        head: 0,
        base: 0,
        upto: 0,
        baseSize: 0,
        tailRows: 0,
        tailBytes: 0
      }),
    clear: () => roomByName.clear()
  }
}
