import { expect, test } from 'vitest'
import type { DocPath } from '#app/store/ports.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import { seq } from '#core/ids.ts'
import { onEvent } from './session.ts'
import { type SessionState, startState } from './session-state.ts'
import type { SessionEvent, Surveyed } from './session-words.ts'

const path = 'keyring' as DocPath
const shard = 'aa'.repeat(16) as ShardId
const surveyed: Surveyed = {
  path,
  shard,
  cursor: { seq: seq(0), hash: EMPTY_CHAIN_HASH },
  check: null,
  gap: false,
  opaque: 0,
  waiting: 0,
  tailBytes: 0,
  snapshotBytes: 0,
  held: seq(0),
  ownSeq: seq(0)
}

/** A session that stands at the head of an empty document. */
const live = (several: boolean): SessionState => {
  const events: readonly SessionEvent[] = [
    { type: 'start' },
    { type: 'opened' },
    { type: 'frame', frame: { type: 'challenge', ch: 0, challenge: new Uint8Array(32), relayKey: new Uint8Array(32) } },
    { type: 'frame', frame: { type: 'ready', ch: 0, floor: 0 } },
    { type: 'surveyed', docs: [surveyed], devices: [] },
    { type: 'frame', frame: { type: 'head', ch: 0, shard, seq: seq(0), hash: EMPTY_CHAIN_HASH, peers: 0 } }
  ]
  return events.reduce((state, event) => step(state, event).state, startState('r' as RootId, several))
}

const step = (state: SessionState, event: SessionEvent) => onEvent(state, event, { now: 0, random: 0.5 })
const effectsOf = (several: boolean, event: SessionEvent): readonly string[] =>
  step(live(several), event).effects.map(({ type }) => type)

test('[DV29] what another session of this device has sealed is sent to this relay too, without a timer of its own', () => {
  const counted: SessionEvent = { type: 'counted', doc: path, waiting: 1, unsealed: 0, seq: seq(0) }
  expect(effectsOf(true, counted)).toContain('seal')
  expect(effectsOf(true, { ...counted, waiting: 0 })).toEqual([])
  expect(effectsOf(false, counted)).toEqual([])
})

test('[DV29] a comparison that another session found due begins on a socket that is open', () => {
  const found: SessionEvent = { type: 'looked-across', doc: path, owed: 1, due: 'snapshot' }
  expect(step(live(true), found).effects).toEqual([{ type: 'rewind', doc: path, reason: 'snapshot' }])
  const due: SessionEvent = { type: 'surveyed', docs: [{ ...surveyed, check: 'snapshot' }], devices: [] }
  expect(step(live(true), due).effects).toMatchObject([{ type: 'set-timer', name: 'reconnect' }])
})

test('[DV29] what was refused while it was carried is looked for again when the refusal is over', () => {
  const entries = [{ digest: 'ab', bytes: new Uint8Array(10), author: undefined }]
  const carrying = step(live(true), { type: 'carry-found', doc: path, entries, behind: false })
  expect(carrying.effects).toMatchObject([{ type: 'carry', ref: 1 }])
  const nack = { type: 'nack', ch: 0, shard, ref: 1, code: 14, retryAfterMs: 1_000, detail: new Uint8Array() } as const
  const refused = step(carrying.state, { type: 'frame', frame: nack })
  const resumed = step(refused.state, { type: 'timer', name: 'resume' })
  expect(resumed.effects).toContainEqual({ type: 'look-across', doc: path })
})
