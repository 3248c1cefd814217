import { expect } from 'vitest'
import * as Y from 'yjs'
import type { UpdateFacts } from './open-ports.ts'
import { readUpdate } from './yjs.ts'

/** What is read of an update, held against what Yjs itself reads. */

type Runs = Record<number, [number, number][]>
type Deletes = [client: number, clock: number, length: number][]

/** The same facts by way of Yjs itself. */
const runsByYjs = (update: Uint8Array): Runs => {
  const runs: Runs = {}
  for (const struct of Y.decodeUpdate(update).structs) {
    const { client, clock } = struct.id
    if (struct instanceof Y.Skip || struct.length === 0) continue
    runs[client] ??= []
    const last = runs[client].at(-1)
    if (last?.[1] === clock) last[1] += struct.length
    else runs[client].push([clock, clock + struct.length])
  }
  return runs
}

const deletesByYjs = (update: Uint8Array): Deletes => {
  const deletes: Deletes = []
  for (const [client, list] of Y.decodeUpdate(update).ds.clients) {
    for (const { clock, len } of list) if (len > 0) deletes.push([client, clock, len])
  }
  return deletes
}

export const factsOf = (update: Uint8Array): UpdateFacts => {
  const facts = readUpdate(update)
  if (!facts.ok) throw new Error('undecodable')
  return facts.value
}

export const expectSameFacts = (update: Uint8Array): void => {
  const facts = factsOf(update)
  expect(Object.fromEntries(facts.runs)).toEqual(runsByYjs(update))
  const deletes = deletesByYjs(update)
  expect(facts.deletes === undefined ? [] : deletesByYjs(facts.deletes)).toEqual(deletes)
  expect(facts.deletes === undefined).toBe(deletes.length === 0)
  if (facts.deletes !== undefined) expect(Y.decodeUpdate(facts.deletes).structs).toEqual([])
}
