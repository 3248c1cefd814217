import { bytesEqual } from '#core/bytes.ts'
import { err, ok, type Result } from '#core/result.ts'
import type { Base, SequencedUpdate, UpdateFacts } from '#server/rooms/open-ports.ts'
import { collectGarbage, emptyUpdate, encodeStateVector, mergeUpdates, readUpdate } from '#server/rooms/yjs.ts'

type Runs = UpdateFacts['runs']

const joinRuns = (all: readonly Runs[]): Map<number, [number, number][]> => {
  const joined = new Map<number, [number, number][]>()
  for (const runs of all) {
    for (const [client, list] of runs) {
      const known = joined.get(client) ?? []
      for (const [from, to] of list) known.push([from, to])
      joined.set(client, known)
    }
  }
  for (const [client, list] of joined) {
    list.sort((a, b) => a[0] - b[0])
    const apart: [number, number][] = []
    for (const [from, to] of list) {
      const last = apart.at(-1)
      if (last !== undefined && last[1] >= from) last[1] = Math.max(last[1], to)
      else apart.push([from, to])
    }
    joined.set(client, apart)
  }
  return joined
}

const sameRuns = (a: Runs, b: Runs): boolean => {
  if (a.size !== b.size) return false
  for (const [client, list] of a) {
    const other = b.get(client)
    if (other?.length !== list.length) return false
    for (const [i, [from, to]] of list.entries()) if (other[i]?.[0] !== from || other[i]?.[1] !== to) return false
  }
  return true
}

/** Sorted and joined by Yjs, so that equal delete sets are equal bytes. */
const joinDeletes = (all: readonly (Uint8Array | undefined)[]): Uint8Array =>
  mergeUpdates([emptyUpdate, emptyUpdate, ...all.filter((each) => each !== undefined)])

const deletesOf = (update: Uint8Array): Uint8Array | undefined => {
  const facts = readUpdate(update)
  return facts.ok ? joinDeletes([facts.value.deletes]) : undefined
}

/**
 * Loading may delete more than was said: of two who set the same key at once one loses, and what was written into something that
 * another deleted goes with it. That much, and no more, may be added: what a peer finds who loads the same one by one.
 */
const sameDeletes = (before: Uint8Array, after: Uint8Array, all: readonly Uint8Array[]): boolean => {
  if (bytesEqual(before, after)) return true
  if (!bytesEqual(joinDeletes([before, after]), after)) return false
  const plain = deletesOf(collectGarbage(...all))
  return plain !== undefined && bytesEqual(plain, after)
}

const clocksOf = (runs: Runs): Map<number, number> => {
  const clocks = new Map<number, number>()
  for (const [client, [first]] of runs) if (first?.[0] === 0) clocks.set(client, first[1])
  return clocks
}

/**
 * What takes the place of a base and the rows after it. Whatever goes wrong on the way (a fault in the merging, a document that
 * cannot be loaded) must not cost anyone's words: the result is read back and compared with what went in.
 * @param collect as collectGarbage; another only where a test wants to see a faulty one noticed
 */
export const rebuild = (
  base: Uint8Array | undefined,
  rows: readonly SequencedUpdate[],
  collect: (update: Uint8Array) => Uint8Array = collectGarbage
): Result<Base, 'undecodable' | 'differs'> => {
  const all = [...(base === undefined ? [] : [base]), ...rows.map(({ bytes }) => bytes)]
  const facts: UpdateFacts[] = []
  for (const update of all) {
    const read = readUpdate(update)
    if (!read.ok) return read
    facts.push(read.value)
  }
  let bytes: Uint8Array
  try {
    bytes = collect(mergeUpdates(all))
  } catch {
    return err('undecodable')
  }
  const made = readUpdate(bytes)
  if (!made.ok) return err('differs')
  if (!sameRuns(joinRuns(facts.map(({ runs }) => runs)), joinRuns([made.value.runs]))) return err('differs')
  const deletes = joinDeletes([made.value.deletes])
  if (!sameDeletes(joinDeletes(facts.map((each) => each.deletes)), deletes, all)) return err('differs')
  const upto = rows.at(-1)?.seq ?? 0
  return ok({ upto, bytes, deletes, stateVector: encodeStateVector(clocksOf(made.value.runs)) })
}
