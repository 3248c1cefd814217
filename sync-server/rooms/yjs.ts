import { createDecoder, type Decoder, readVarUint } from 'lib0/decoding'
import * as Y from 'yjs'
import { err, ok, type Result } from '#core/result.ts'
import type { UpdateFacts } from './open-ports.ts'
import { fail, passItem, readByte, readSafe } from './update-content.ts'

/**
 * The one file that reads Yjs bytes for rooms. `readUpdate` walks an update (V1) without building what it holds, as
 * yjs 13.6.33 does in LazyStructReader and readDeleteSet; whatever throws there is refused here. Three things are refused that Yjs
 * reads: client ids that do not descend (Yjs writes them so, and its own mergeUpdates loses structs where they do not), clocks
 * beyond what a number holds, and values nested so deep that merging them would overflow the stack of whoever reads them.
 */

const GC = 0
const SKIP = 10

type Run = readonly [from: number, to: number]

const readClient = (from: Decoder, structs: number): readonly Run[] => {
  const runs: Run[] = []
  let clock = readSafe(from)
  let began = clock
  for (let left = structs; left > 0; left--) {
    const info = readByte(from)
    const isSkip = info === SKIP
    const next = clock + (isSkip || (info & 0x1f) === GC ? readSafe(from) : passItem(from, info))
    if (next > Number.MAX_SAFE_INTEGER) fail()
    // A skip of nothing, which Yjs reads, parts nothing.
    if (isSkip && next > clock) {
      if (clock > began) runs.push([began, clock])
      began = next
    }
    clock = next
  }
  if (clock > began) runs.push([began, clock])
  return runs
}

/** @returns whether anything is deleted. */
const passDeletes = (from: Decoder): boolean => {
  let isAny = false
  for (let clients = readVarUint(from); clients > 0; clients--) {
    readSafe(from)
    for (let left = readVarUint(from); left > 0; left--) {
      const clock = readSafe(from)
      const length = readSafe(from)
      if (clock + length > Number.MAX_SAFE_INTEGER) fail()
      if (length > 0) isAny = true
    }
  }
  return isAny
}

/** Tells what an update holds, in one pass and without building any of it. Never throws; bytes after the update are not read. */
export const readUpdate = (bytes: Uint8Array): Result<UpdateFacts, 'undecodable'> => {
  try {
    const from = createDecoder(bytes)
    const runs = new Map<number, readonly Run[]>()
    let above = Number.POSITIVE_INFINITY
    for (let clients = readVarUint(from); clients > 0; clients--) {
      const structs = readVarUint(from)
      const client = readSafe(from)
      if (client >= above) fail()
      above = client
      const held = readClient(from, structs)
      if (held.length > 0) runs.set(client, held)
    }
    const start = from.pos
    if (!passDeletes(from)) return ok({ runs, deletes: undefined })
    // No structs is one byte, 0.
    const deletes = new Uint8Array(1 + from.pos - start)
    deletes.set(bytes.subarray(start, from.pos), 1)
    return ok({ runs, deletes })
  } catch {
    return err('undecodable')
  }
}

/** No structs and no deletions. */
export const emptyUpdate: Uint8Array = new Uint8Array([0, 0])

/** Yjs sorts all that it merges anew after each struct: a hundred at once cost a hundred times a pair. */
const BRANCHES = 32

/** One update that holds all of them, which must have been read without fault. */
export const mergeUpdates = (updates: readonly Uint8Array[]): Uint8Array => {
  let level = updates
  while (level.length > BRANCHES) {
    const next: Uint8Array[] = []
    for (let from = 0; from < level.length; from += BRANCHES)
      next.push(Y.mergeUpdates(level.slice(from, from + BRANCHES)))
    level = next
  }
  return level.length === 0 ? emptyUpdate : Y.mergeUpdates([...level])
}

/** @param clocks by client id, all above 0 */
export const encodeStateVector = (clocks: Map<number, number>): Uint8Array => Y.encodeStateVector(clocks)

export const diffUpdate = (update: Uint8Array, stateVector: Uint8Array): Uint8Array => Y.diffUpdate(update, stateVector)

/**
 * Loads updates one after the other as a peer would, which drops what was deleted, and writes all down as one. What waits for
 * structs that are not there is kept. Throws on an update that Yjs cannot make sense of.
 */
export const collectGarbage = (...updates: readonly Uint8Array[]): Uint8Array => {
  const doc = new Y.Doc({ gc: true })
  try {
    for (const update of updates) Y.applyUpdate(doc, update)
    return Y.encodeStateAsUpdate(doc)
  } finally {
    doc.destroy()
  }
}
