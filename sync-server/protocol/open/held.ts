import { err, ok, type Result } from '#core/result.ts'
import { addAll, addRange, covers, coversAll, decodeDeletes, type Ranges } from './ranges.ts'
import { decodeStateVector } from './state-vector.ts'

/**
 * What a room holds, without a document: enough to say what its state vector is, what an update adds, and what a client lacks. A state vector
 * cannot say "up to 5, and 8 to 10", so what lies behind a gap is kept apart and counts as soon as the gap is filled: claiming it
 * would keep every client from ever sending what is missing.
 */
export interface Held {
  /** Held from 0 on without a gap. */
  readonly clocks: Map<number, number>
  /** Held behind a gap. */
  readonly islands: Ranges
  /** Deleted by rows after the base. */
  tailDeletes: Ranges
  /** Deleted at all: made the first time a client's deletions are compared. */
  allDeletes: Ranges | undefined
  readonly baseDeletes: Uint8Array | undefined
}

export interface Runs extends ReadonlyMap<number, readonly (readonly [from: number, to: number])[]> {}

export const createHeld = (
  base: { readonly stateVector: Uint8Array; readonly deletes: Uint8Array } | undefined
): Result<Held, 'malformed'> => {
  const clocks = base === undefined ? ok(new Map<number, number>()) : decodeStateVector(base.stateVector)
  if (!clocks.ok) return err('malformed')
  return ok({
    clocks: clocks.value,
    islands: new Map(),
    tailDeletes: new Map(),
    allDeletes: base === undefined ? new Map() : undefined,
    baseDeletes: base?.deletes
  })
}

/** Joins what was behind the gap that has just been closed. */
const joinIslands = (clocks: Map<number, number>, islands: Ranges, client: number): void => {
  const list = islands.get(client)
  if (list === undefined) return
  let clock = clocks.get(client) ?? 0
  let passed = 0
  while (passed < list.length && (list[passed] ?? 0) <= clock) {
    clock = Math.max(clock, list[passed + 1] ?? 0)
    passed += 2
  }
  clocks.set(client, clock)
  if (passed === list.length) islands.delete(client)
  else list.splice(0, passed)
}

export const takeRun = (
  clocks: Map<number, number>,
  islands: Ranges,
  client: number,
  from: number,
  to: number
): void => {
  const clock = clocks.get(client) ?? 0
  if (to <= clock) return
  if (from > clock) {
    addRange(islands, client, from, to)
    return
  }
  clocks.set(client, to)
  // Almost no room has a gap.
  if (islands.size > 0) joinIslands(clocks, islands, client)
}

export const takeRuns = (held: Held, runs: Runs): void => {
  for (const [client, list] of runs) {
    for (const run of list) takeRun(held.clocks, held.islands, client, run[0], run[1])
  }
}

export const takeDeletes = (held: Held, deletes: Ranges): void => {
  addAll(held.tailDeletes, deletes)
  if (held.allDeletes !== undefined) addAll(held.allDeletes, deletes)
}

export const holdsRuns = (held: Held, runs: Runs): boolean => {
  for (const [client, list] of runs) {
    const clock = held.clocks.get(client) ?? 0
    for (const run of list) {
      if (run[1] > clock && !covers(held.islands, client, Math.max(run[0], clock), run[1])) return false
    }
  }
  return true
}

const allDeletesOf = (held: Held): Ranges => {
  if (held.allDeletes !== undefined) return held.allDeletes
  const base = held.baseDeletes === undefined ? ok<Ranges>(new Map()) : decodeDeletes(held.baseDeletes)
  // The base's own deletes were read back and compared before it was adopted. Unreadable counts as nothing deleted: all is stored again.
  const all: Ranges = base.ok ? base.value : new Map()
  addAll(all, held.tailDeletes)
  held.allDeletes = all
  return all
}

/** Whether all of `other` is here too, deletions inside. */
export const holdsAllOf = (held: Held, other: Held): boolean => {
  for (const [client, clock] of other.clocks) if ((held.clocks.get(client) ?? 0) < clock) return false
  for (const [client, list] of other.islands) {
    const clock = held.clocks.get(client) ?? 0
    for (let i = 0; i < list.length; i += 2) {
      const to = list[i + 1] ?? 0
      if (to > clock && !covers(held.islands, client, Math.max(list[i] ?? 0, clock), to)) return false
    }
  }
  return coversAll(allDeletesOf(held), allDeletesOf(other))
}

/** A state vector does not tell deletions, so they are compared by themselves. */
export const holdsDeletes = (held: Held, deletes: Ranges): boolean => coversAll(allDeletesOf(held), deletes)
