import { encodeDeviceFrame } from '#core/frame-codec-device.ts'
import { encodeRelayFrame } from '#core/frame-codec-relay.ts'
import type { DeviceFrame, RelayFrame } from '#core/frames.ts'
import { seq } from '#core/ids.ts'
import { counting, hex, rootKeys } from './basics.ts'

const { root, rootKey, shard: shardOf } = rootKeys(0)
const shard = shardOf('journal/2026/0')
const hash = counting(0xc0, 16)
const chunk = { from: seq(1), to: seq(300), hashTo: hash, index: 0, count: 2, chunk: counting(0, 5) }

const deviceFrames: readonly DeviceFrame[] = [
  { type: 'open', ch: 0, root },
  {
    type: 'auth',
    ch: 0,
    certificate: counting(1, 9),
    signature: counting(2, 64),
    host: 'council.example',
    admission: 'voucher-é'
  },
  { type: 'pull', ch: 0, shard, after: seq(300), hashAfter: hash },
  { type: 'push', ch: 0, shard, ref: 7, entries: [counting(0, 3), counting(9, 200)] },
  { type: 'snap', ch: 1, shard, ref: 8, ...chunk },
  { type: 'rotate', ch: 1, ref: 9, entries: [counting(3, 4)], certificate: counting(4, 5) },
  { type: 'ephemeral', ch: 0, shard, frame: counting(5, 6) },
  { type: 'erase', ch: 0, scope: { kind: 'root', root }, rootKey: rootKey.publicKey, signature: counting(6, 64) },
  {
    type: 'erase',
    ch: 0,
    scope: { kind: 'shard', root, shard },
    rootKey: rootKey.publicKey,
    signature: counting(6, 64)
  },
  { type: 'close', ch: 300 },
  { type: 'time', t0: 123_456 }
]

const relayFrames: readonly RelayFrame[] = [
  { type: 'challenge', ch: 0, challenge: counting(1, 32), relayKey: counting(2, 32) },
  { type: 'ready', ch: 0, floor: 0 },
  { type: 'nack', ch: 0, shard, ref: 7, code: 6, retryAfterMs: 250, detail: counting(7, 4) },
  { type: 'nack', ch: 0, shard: undefined, ref: undefined, code: 3, retryAfterMs: 0, detail: counting(0, 0) },
  {
    type: 'entries',
    ch: 0,
    shard,
    from: seq(301),
    items: [
      { kind: 'entry', bytes: counting(8, 5) },
      { kind: 'digest', digest: counting(9, 32) }
    ]
  },
  { type: 'snapshot', ch: 0, shard, ...chunk, index: 1 },
  { type: 'head', ch: 0, shard, seq: seq(302), hash, peers: 1 },
  { type: 'ack', ch: 0, shard, ref: 7, seqs: [seq(301), seq(302)], hash },
  { type: 'tier', ch: 0, shard, seq: seq(302), tier: 2 },
  { type: 'ephemeral', ch: 0, shard, frames: [counting(5, 6), counting(6, 2)] },
  { type: 'erased', ch: 0, proof: counting(10, 8), receipt: counting(11, 8) },
  { type: 'time', t0: 123_456, t1: 1_767_225_600_000, t2: 1_767_225_600_001 },
  { type: 'pause', ms: 4_000 },
  { type: 'goaway', retryAfterMs: 30_000 }
]

/** Byte fields are written in hexadecimal; a missing optional field is null. */
const plain = (frame: DeviceFrame | RelayFrame): unknown =>
  JSON.parse(
    JSON.stringify(frame, (_, part) => (part instanceof Uint8Array ? hex(part) : part === undefined ? null : part))
  )

export const frameVectors = () => ({
  device: deviceFrames.map((frame) => ({ frame: plain(frame), bytes: hex(encodeDeviceFrame(frame)) })),
  relay: relayFrames.map((frame) => ({ frame: plain(frame), bytes: hex(encodeRelayFrame(frame)) }))
})
