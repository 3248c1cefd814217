import type { Decoder } from 'lib0/decoding'
import { type Encoder, writeUint8, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import { readChunk, writeChunk } from './frame-codec-device.ts'
import type { LogItem, RelayFrame } from './frames.ts'
import type { ShardId } from './ids.ts'
import { MAX_ENTRY_BYTES, MAX_EPHEMERAL_BYTES } from './limits.ts'
import type { Result } from './result.ts'
import {
  decodeFrame,
  encode,
  readByte,
  readBytes,
  readFixed,
  readList,
  readSeq,
  readShardId,
  readVarUint,
  writeBytes,
  writeFixed,
  writeList,
  writeShardId
} from './wire.ts'

/** Frame numbers from relay to device: 32 and above. */
const TYPE = {
  challenge: 32,
  ready: 33,
  nack: 34,
  entries: 35,
  snapshot: 36,
  head: 37,
  ack: 38,
  tier: 39,
  ephemeral: 40,
  erased: 41,
  time: 42,
  pause: 43,
  goaway: 44
} as const

/** A frame holds at most this many items: a forged count cannot make a device allocate. */
const MAX_ITEMS = 100_000

/** Bytes that an ENTRIES frame needs around its items, generously: what a sender subtracts from MAX_FRAME_BYTES. */
export const ENTRIES_OVERHEAD_BYTES = 64
/** Bytes around one entry inside an ENTRIES frame. */
export const ITEM_OVERHEAD_BYTES = 6

const writeItem = (encoder: Encoder, item: LogItem): void => {
  writeUint8(encoder, item.kind === 'entry' ? 0 : 1)
  if (item.kind === 'entry') writeBytes(encoder, item.bytes)
  else writeFixed(encoder, item.digest, 32)
}

const readItem = (decoder: Decoder): LogItem => {
  const kind = readByte(decoder)
  if (kind === 0) return { kind: 'entry', bytes: readBytes(decoder, MAX_ENTRY_BYTES) }
  if (kind === 1) return { kind: 'digest', digest: readFixed(decoder, 32) }
  throw new Error('unknown item')
}

/** Presence byte, then the value: a NACK need not be about a shard or a numbered request. */
const writeOptional = <Value>(encoder: Encoder, value: Value | undefined, write: (value: Value) => void): void => {
  writeUint8(encoder, value === undefined ? 0 : 1)
  if (value !== undefined) write(value)
}

const readOptional = <Value>(decoder: Decoder, read: () => Value): Value | undefined => {
  const present = readByte(decoder)
  if (present > 1) throw new Error('not a presence byte')
  return present === 1 ? read() : undefined
}

export const encodeRelayFrame = (frame: RelayFrame): Uint8Array =>
  encode((encoder) => {
    writeUint8(encoder, TYPE[frame.type])
    switch (frame.type) {
      case 'time':
        writeVarUint(encoder, frame.t0)
        writeVarUint(encoder, frame.t1)
        writeVarUint(encoder, frame.t2)
        return
      case 'pause':
        writeVarUint(encoder, frame.ms)
        return
      case 'goaway':
        writeVarUint(encoder, frame.retryAfterMs)
        return
      default:
        writeVarUint(encoder, frame.ch)
        writeChannelBody(encoder, frame)
    }
  })

type ChannelFrame = Exclude<RelayFrame, { readonly type: 'time' | 'pause' | 'goaway' }>

const writeChannelBody = (encoder: Encoder, frame: ChannelFrame): void => {
  switch (frame.type) {
    case 'challenge':
      writeFixed(encoder, frame.challenge, 32)
      writeFixed(encoder, frame.relayKey, 32)
      break
    case 'ready':
      writeVarUint(encoder, frame.floor)
      break
    case 'nack':
      writeOptional(encoder, frame.shard, (shard: ShardId) => writeShardId(encoder, shard))
      writeOptional(encoder, frame.ref, (ref: number) => writeVarUint(encoder, ref))
      writeVarUint(encoder, frame.code)
      writeVarUint(encoder, frame.retryAfterMs)
      writeVarUint8Array(encoder, frame.detail)
      break
    case 'entries':
      writeShardId(encoder, frame.shard)
      writeVarUint(encoder, frame.from)
      writeList(encoder, frame.items, (item) => writeItem(encoder, item))
      break
    case 'snapshot':
      writeShardId(encoder, frame.shard)
      writeChunk(encoder, frame)
      break
    case 'head':
      writeShardId(encoder, frame.shard)
      writeVarUint(encoder, frame.seq)
      writeFixed(encoder, frame.hash, 16)
      writeVarUint(encoder, frame.peers)
      break
    case 'ack':
      writeShardId(encoder, frame.shard)
      writeVarUint(encoder, frame.ref)
      writeList(encoder, frame.seqs, (seq) => writeVarUint(encoder, seq))
      writeFixed(encoder, frame.hash, 16)
      break
    case 'tier':
      writeShardId(encoder, frame.shard)
      writeVarUint(encoder, frame.seq)
      writeVarUint(encoder, frame.tier)
      break
    case 'ephemeral':
      writeShardId(encoder, frame.shard)
      writeList(encoder, frame.frames, (bytes) => writeVarUint8Array(encoder, bytes))
      break
    case 'erased':
      writeVarUint8Array(encoder, frame.proof)
      writeVarUint8Array(encoder, frame.receipt)
      break
  }
}

const readChannelBody = (decoder: Decoder, type: number, ch: number): RelayFrame => {
  switch (type) {
    case TYPE.challenge:
      return { type: 'challenge', ch, challenge: readFixed(decoder, 32), relayKey: readFixed(decoder, 32) }
    case TYPE.ready:
      return { type: 'ready', ch, floor: readVarUint(decoder) }
    case TYPE.nack:
      return {
        type: 'nack',
        ch,
        shard: readOptional(decoder, () => readShardId(decoder)),
        ref: readOptional(decoder, () => readVarUint(decoder)),
        code: readVarUint(decoder),
        retryAfterMs: readVarUint(decoder),
        detail: readBytes(decoder, 4_096)
      }
    case TYPE.entries:
      return {
        type: 'entries',
        ch,
        shard: readShardId(decoder),
        from: readSeq(decoder),
        items: readList(decoder, MAX_ITEMS, () => readItem(decoder))
      }
    case TYPE.snapshot:
      return { type: 'snapshot', ch, shard: readShardId(decoder), ...readChunk(decoder) }
    case TYPE.head:
      return {
        type: 'head',
        ch,
        shard: readShardId(decoder),
        seq: readSeq(decoder),
        hash: readFixed(decoder, 16),
        peers: readVarUint(decoder)
      }
    case TYPE.ack:
      return {
        type: 'ack',
        ch,
        shard: readShardId(decoder),
        ref: readVarUint(decoder),
        seqs: readList(decoder, MAX_ITEMS, () => readSeq(decoder)),
        hash: readFixed(decoder, 16)
      }
    case TYPE.tier:
      return { type: 'tier', ch, shard: readShardId(decoder), seq: readSeq(decoder), tier: readVarUint(decoder) }
    case TYPE.ephemeral:
      return {
        type: 'ephemeral',
        ch,
        shard: readShardId(decoder),
        frames: readList(decoder, MAX_ITEMS, () => readBytes(decoder, MAX_EPHEMERAL_BYTES))
      }
    case TYPE.erased:
      return { type: 'erased', ch, proof: readBytes(decoder, 1_024), receipt: readBytes(decoder, 1_024) }
    default:
      throw new Error('unknown frame')
  }
}

export const decodeRelayFrame = (bytes: Uint8Array): Result<RelayFrame, 'malformed'> =>
  decodeFrame<RelayFrame>(bytes, (decoder, type) => {
    if (type === TYPE.time)
      return { type: 'time', t0: readVarUint(decoder), t1: readVarUint(decoder), t2: readVarUint(decoder) }
    if (type === TYPE.pause) return { type: 'pause', ms: readVarUint(decoder) }
    if (type === TYPE.goaway) return { type: 'goaway', retryAfterMs: readVarUint(decoder) }
    return readChannelBody(decoder, type, readVarUint(decoder))
  })
