import { createDecoder, readVarUint } from 'lib0/decoding'
import { err, ok, type Result } from '#core/result.ts'
import { putVarUint, varUintLength } from './messages.ts'

/**
 * Clocks by client id, as flat lists `from, to, from, to, …`: ascending, apart from each other, `to` exclusive. Flat because a
 * document of many deletions has a hundred thousand of them.
 */
export type Ranges = Map<number, number[]>

/** @returns index of the first range whose end is not below `clock`. */
const firstReaching = (list: readonly number[], clock: number): number => {
  let low = 0
  let high = list.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[2 * middle + 1] ?? 0) < clock) low = middle + 1
    else high = middle
  }
  return 2 * low
}

export const covers = (ranges: Ranges, client: number, from: number, to: number): boolean => {
  if (from >= to) return true
  const list = ranges.get(client)
  if (list === undefined) return false
  const at = firstReaching(list, to)
  return at < list.length && (list[at] ?? 0) <= from
}

export const addRange = (ranges: Ranges, client: number, from: number, to: number): void => {
  if (from >= to) return
  const list = ranges.get(client)
  if (list === undefined) {
    ranges.set(client, [from, to])
    return
  }
  const at = firstReaching(list, from)
  let low = from
  let high = to
  let end = at
  for (; end < list.length && (list[end] ?? 0) <= high; end += 2) {
    low = Math.min(low, list[end] ?? low)
    high = Math.max(high, list[end + 1] ?? high)
  }
  if (end === at + 2) {
    list[at] = low
    list[at + 1] = high
  } else {
    list.splice(at, end - at, low, high)
  }
}

/** Adds a list that is ascending and apart, in one pass: a thousand single insertions would each move the rest. */
const addList = (ranges: Ranges, client: number, added: readonly number[]): void => {
  const list = ranges.get(client)
  if (list === undefined) {
    ranges.set(client, [...added])
    return
  }
  if (added.length <= 8) {
    for (let i = 0; i < added.length; i += 2) addRange(ranges, client, added[i] ?? 0, added[i + 1] ?? 0)
    return
  }
  const merged: number[] = []
  let i = 0
  let j = 0
  while (i < list.length || j < added.length) {
    const own = j >= added.length || (i < list.length && (list[i] ?? 0) <= (added[j] ?? 0))
    const from = (own ? list[i] : added[j]) ?? 0
    const to = (own ? list[i + 1] : added[j + 1]) ?? 0
    if (own) i += 2
    else j += 2
    const last = merged.length - 1
    if (last > 0 && (merged[last] ?? 0) >= from) merged[last] = Math.max(merged[last] ?? 0, to)
    else merged.push(from, to)
  }
  ranges.set(client, merged)
}

export const addAll = (ranges: Ranges, added: Ranges): void => {
  for (const [client, list] of added) addList(ranges, client, list)
}

export const copyRanges = (ranges: Ranges): Ranges => {
  const copy: Ranges = new Map()
  for (const [client, list] of ranges) copy.set(client, [...list])
  return copy
}

export const coversAll = (ranges: Ranges, asked: Ranges): boolean => {
  for (const [client, list] of asked) {
    for (let i = 0; i < list.length; i += 2) if (!covers(ranges, client, list[i] ?? 0, list[i + 1] ?? 0)) return false
  }
  return true
}

/** What of `ranges` is not in `removed`, whole ranges at a time: one that is in it in part stays. */
export const notCovered = (ranges: Ranges, removed: Ranges): Ranges => {
  const left: Ranges = new Map()
  for (const [client, list] of ranges) {
    const kept: number[] = []
    for (let i = 0; i < list.length; i += 2) {
      const [from, to] = [list[i] ?? 0, list[i + 1] ?? 0]
      if (!covers(removed, client, from, to)) kept.push(from, to)
    }
    if (kept.length > 0) left.set(client, kept)
  }
  return left
}

/** Sorted and joined: a list may come in any order, and sorting first keeps a hostile order from costing a square. */
const normalise = (pairs: (readonly [number, number])[]): number[] => {
  pairs.sort((a, b) => a[0] - b[0])
  const list: number[] = []
  for (const [from, to] of pairs) {
    const last = list.length - 1
    if (last > 0 && (list[last] ?? 0) >= from) list[last] = Math.max(list[last] ?? 0, to)
    else list.push(from, to)
  }
  return list
}

/** @param update a Yjs update (V1) that holds a delete set and no structs */
export const decodeDeletes = (update: Uint8Array): Result<Ranges, 'malformed'> => {
  const ranges: Ranges = new Map()
  try {
    const decoder = createDecoder(update)
    if (readVarUint(decoder) !== 0) return err('malformed')
    for (let clients = readVarUint(decoder); clients > 0; clients--) {
      const client = readVarUint(decoder)
      const pairs: (readonly [number, number])[] = []
      for (let left = readVarUint(decoder); left > 0; left--) {
        const from = readVarUint(decoder)
        const length = readVarUint(decoder)
        if (length > 0) pairs.push([from, from + length])
      }
      if (pairs.length > 0) addList(ranges, client, normalise(pairs))
    }
    return ok(ranges)
  } catch {
    return err('malformed')
  }
}

/** @returns a Yjs update (V1) of the delete set alone, byte for byte as Yjs would write it. */
export const encodeDeletes = (ranges: Ranges): Uint8Array => {
  const clients = [...ranges.keys()].sort((a, b) => b - a)
  let size = 1 + varUintLength(clients.length)
  for (const client of clients) {
    const list = ranges.get(client) ?? []
    size += varUintLength(client) + varUintLength(list.length / 2)
    for (let i = 0; i < list.length; i += 2) {
      size += varUintLength(list[i] ?? 0) + varUintLength((list[i + 1] ?? 0) - (list[i] ?? 0))
    }
  }
  const out = new Uint8Array(size)
  let at = putVarUint(out, 1, clients.length)
  for (const client of clients) {
    const list = ranges.get(client) ?? []
    at = putVarUint(out, putVarUint(out, at, client), list.length / 2)
    for (let i = 0; i < list.length; i += 2) {
      at = putVarUint(out, putVarUint(out, at, list[i] ?? 0), (list[i + 1] ?? 0) - (list[i] ?? 0))
    }
  }
  return out
}
