import * as Y from 'yjs'
import type { DiskRoom } from '#server/storage/memory/memory-room-disk.ts'

/** What bytes hold, told by Yjs and not by the code under test: by client id the clocks, ascending and apart, [from, to). */
export interface Held {
  readonly structs: ReadonlyMap<number, readonly (readonly [number, number])[]>
  readonly deletes: ReadonlyMap<number, readonly (readonly [number, number])[]>
}

type Lists = Map<number, [number, number][]>

const add = (lists: Lists, client: number, from: number, to: number): void => {
  if (to <= from) return
  const list = lists.get(client) ?? []
  lists.set(client, list)
  const last = list.at(-1)
  if (last !== undefined && last[1] >= from) last[1] = Math.max(last[1], to)
  else list.push([from, to])
}

export const heldIn = (update: Uint8Array): Held => {
  const { structs, ds } = Y.decodeUpdate(update)
  const held = { structs: new Map() as Lists, deletes: new Map() as Lists }
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue
    add(held.structs, struct.id.client, struct.id.clock, struct.id.clock + struct.length)
  }
  for (const [client, list] of ds.clients) {
    for (const { clock, len } of [...list].sort((a, b) => a.clock - b.clock)) {
      add(held.deletes, client, clock, clock + len)
    }
  }
  return held
}

const firstOutside = (all: Held['structs'], some: Held['structs']): string | undefined => {
  for (const [client, list] of some) {
    const known = all.get(client) ?? []
    for (const [from, to] of list) {
      if (!known.some((run) => run[0] <= from && to <= run[1])) return `${client} ${from}-${to}`
    }
  }
  return undefined
}

/** @returns the first thing in `some` that is not in `all`. */
export const lacking = (all: Held, some: Held): string | undefined => {
  const struct = firstOutside(all.structs, some.structs)
  if (struct !== undefined) return `edit ${struct}`
  const deletion = firstOutside(all.deletes, some.deletes)
  return deletion === undefined ? undefined : `deletion ${deletion}`
}

/** Up to which clock everything of this client is held. */
export const heldUpTo = (held: Held, client: number): number => {
  const [first] = held.structs.get(client) ?? []
  return first?.[0] === 0 ? first[1] : 0
}

/** All that a room's place on the disk holds, as one update. */
export const updateOn = (room: DiskRoom | undefined): Uint8Array => {
  if (room === undefined) return new Uint8Array([0, 0])
  const { base } = room
  const rows = room.rows.filter(({ seq }) => seq > (base?.upto ?? 0)).map(({ bytes }) => bytes)
  const all = base === undefined ? rows : [base.bytes, ...rows]
  return Y.mergeUpdates([new Uint8Array([0, 0]), new Uint8Array([0, 0]), ...all])
}
