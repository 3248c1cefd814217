import { expect, test } from 'vitest'
import type { DocPath } from '#app/store/ports.ts'
import { seq } from '#core/ids.ts'
import { onHead } from './session-docs.ts'
import { type DocState, startState } from './session-state.ts'

const path = 'keyring' as DocPath
const hash = new Uint8Array(16).fill(7)

const liveAt = (at: number, peers: number): DocState => ({
  path,
  shard: '00'.repeat(16) as DocState['shard'],
  cursor: { seq: seq(at), hash },
  stage: 'live',
  peers,
  waiting: 0,
  dirtySince: null,
  check: null,
  repairing: false,
  opaque: 0,
  refreshed: false,
  push: null,
  acked: new Map(),
  chunks: [],
  snap: null,
  tailBytes: 0,
  snapshotBytes: 0,
  gap: false,
  held: seq(0),
  ownSeq: seq(at),
  owed: 0,
  carryPlanned: false,
  carry: null,
  untold: false,
  asks: false
})

const told = (doc: DocState, peers: number) => {
  const state = { ...startState('R'.repeat(22) as never), docs: new Map([[path, doc]]) }
  const head = { type: 'head', ch: 0, shard: doc.shard, seq: doc.cursor.seq, hash, peers } as const
  const step = onHead(state, doc, head, { now: 0, random: 0 })
  return { effects: step.effects.map(({ type }) => type), doc: step.state.docs.get(path) }
}

test('[DV18] told later that others are there, at another relay of the store, a device asks how far they are', () => {
  const later = told(liveAt(3, 0), 1)
  expect(later.effects).toEqual(['set-timer'])
  expect(later.doc).toMatchObject({ peers: 1, untold: true, asks: true })
  // What it knew of before, and what it has nothing to ask about, is no news.
  expect(told(liveAt(3, 1), 2).effects).toEqual([])
  expect(told(liveAt(3, 1), 0).effects).toEqual([])
  expect(told(liveAt(0, 0), 1).effects).toEqual([])
})
