import { expect, test } from 'vitest'
import { encodeDeviceFrame } from './frame-codec-device.ts'
import { ENTRIES_OVERHEAD_BYTES, encodeRelayFrame, ITEM_OVERHEAD_BYTES } from './frame-codec-relay.ts'
import { seq, shardIdFromBytes } from './ids.ts'
import {
  MAX_ENTRIES_PER_PUSH,
  MAX_ENTRY_BYTES,
  MAX_FRAME_BYTES,
  MAX_SNAPSHOT_BYTES,
  SNAPSHOT_CHUNK_BYTES
} from './limits.ts'

const shard = shardIdFromBytes(new Uint8Array(16).fill(255))
const largest = Number.MAX_SAFE_INTEGER

test('the largest entry fits a frame both ways, with the largest numbers around it', () => {
  const entry = new Uint8Array(MAX_ENTRY_BYTES)
  const push = encodeDeviceFrame({ type: 'push', ch: largest, shard, ref: largest, entries: [entry] })
  expect(push.byteLength).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  const entries = encodeRelayFrame({
    type: 'entries',
    ch: largest,
    shard,
    from: seq(largest),
    items: [{ kind: 'entry', bytes: entry }]
  })
  expect(entries.byteLength).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  expect(entries.byteLength - MAX_ENTRY_BYTES).toBeLessThanOrEqual(ENTRIES_OVERHEAD_BYTES + ITEM_OVERHEAD_BYTES)
})

test('a full chunk fits a frame, and whole chunks make a largest snapshot', () => {
  const chunk = new Uint8Array(SNAPSHOT_CHUNK_BYTES)
  const place = { from: seq(1), to: seq(largest), hashTo: new Uint8Array(16), index: 249, count: 250, chunk }
  expect(
    encodeDeviceFrame({ type: 'snap', ch: largest, shard, ref: largest, ...place }).byteLength
  ).toBeLessThanOrEqual(MAX_FRAME_BYTES)
  expect(MAX_SNAPSHOT_BYTES % SNAPSHOT_CHUNK_BYTES).toBe(0)
})

test('an ACK of the most entries is small', () => {
  const seqs = Array.from({ length: MAX_ENTRIES_PER_PUSH }, () => seq(largest))
  const ack = encodeRelayFrame({ type: 'ack', ch: largest, shard, ref: largest, seqs, hash: new Uint8Array(16) })
  expect(ack.byteLength).toBeLessThan(3_000)
})
