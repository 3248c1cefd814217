import type { Decoder } from 'lib0/decoding'
import { type Encoder, writeUint8, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import type { EraseScope } from './certificate.ts'
import type { DeviceFrame, SnapshotChunk } from './frames.ts'
import { MAX_ENTRIES_PER_PUSH, MAX_EPHEMERAL_BYTES, MAX_FRAME_BYTES, SNAPSHOT_CHUNK_BYTES } from './limits.ts'
import type { Result } from './result.ts'
import {
  decodeFrame,
  encode,
  readByte,
  readBytes,
  readFixed,
  readList,
  readPart,
  readRootId,
  readSeq,
  readShardId,
  readText,
  readVarUint,
  writeFixed,
  writeList,
  writeRootId,
  writeShardId
} from './wire.ts'

/** Frame numbers from device to relay: 1 to 31. */
const TYPE = {
  open: 1,
  auth: 2,
  pull: 3,
  push: 4,
  snap: 5,
  rotate: 6,
  ephemeral: 7,
  erase: 8,
  close: 9,
  time: 10
} as const

export const writeChunk = (encoder: Encoder, chunk: SnapshotChunk): void => {
  writeVarUint(encoder, chunk.from)
  writeVarUint(encoder, chunk.to)
  writeFixed(encoder, chunk.hashTo, 16)
  writeVarUint(encoder, chunk.index)
  writeVarUint(encoder, chunk.count)
  writeVarUint8Array(encoder, chunk.chunk)
}

export const readChunk = (decoder: Decoder): SnapshotChunk => {
  const chunk: SnapshotChunk = {
    from: readSeq(decoder),
    to: readSeq(decoder),
    hashTo: readFixed(decoder, 16),
    index: readVarUint(decoder),
    count: readVarUint(decoder),
    chunk: readBytes(decoder, SNAPSHOT_CHUNK_BYTES)
  }
  if (chunk.count < 1 || chunk.index >= chunk.count || chunk.from < 1 || chunk.from > chunk.to) throw new Error('chunk')
  return chunk
}

const readScope = (decoder: Decoder): EraseScope => {
  const root = readRootId(decoder)
  const kind = readByte(decoder)
  if (kind === 0) return { kind: 'root', root }
  if (kind === 1) return { kind: 'shard', root, shard: readShardId(decoder) }
  throw new Error('unknown scope')
}

const writeScope = (encoder: Encoder, scope: EraseScope): void => {
  writeRootId(encoder, scope.root)
  writeUint8(encoder, scope.kind === 'root' ? 0 : 1)
  if (scope.kind === 'shard') writeShardId(encoder, scope.shard)
}

export const encodeDeviceFrame = (frame: DeviceFrame): Uint8Array =>
  encode((encoder) => {
    writeUint8(encoder, TYPE[frame.type])
    if (frame.type === 'time') {
      writeVarUint(encoder, frame.t0)
      return
    }
    writeVarUint(encoder, frame.ch)
    switch (frame.type) {
      case 'open':
        writeRootId(encoder, frame.root)
        break
      case 'auth':
        writeVarUint8Array(encoder, frame.certificate)
        writeFixed(encoder, frame.signature, 64)
        writeVarString(encoder, frame.host)
        writeVarString(encoder, frame.admission)
        break
      case 'pull':
        writeShardId(encoder, frame.shard)
        writeVarUint(encoder, frame.after)
        writeFixed(encoder, frame.hashAfter, 16)
        break
      case 'push':
        writeShardId(encoder, frame.shard)
        writeVarUint(encoder, frame.ref)
        writeList(encoder, frame.entries, (entry) => writeVarUint8Array(encoder, entry))
        break
      case 'snap':
        writeShardId(encoder, frame.shard)
        writeVarUint(encoder, frame.ref)
        writeChunk(encoder, frame)
        break
      case 'rotate':
        writeVarUint(encoder, frame.ref)
        writeList(encoder, frame.entries, (entry) => writeVarUint8Array(encoder, entry))
        writeVarUint8Array(encoder, frame.certificate)
        break
      case 'ephemeral':
        writeShardId(encoder, frame.shard)
        writeVarUint8Array(encoder, frame.frame)
        break
      case 'erase':
        writeScope(encoder, frame.scope)
        writeFixed(encoder, frame.rootKey, 32)
        writeFixed(encoder, frame.signature, 64)
        break
      case 'close':
        break
    }
  })

const readChannelBody = (decoder: Decoder, type: number, ch: number): DeviceFrame => {
  // An entry above MAX_ENTRY_BYTES still reads, so that its refusal has a name instead of a closed socket.
  const entries = () => readList(decoder, MAX_ENTRIES_PER_PUSH, () => readPart(decoder, MAX_FRAME_BYTES))
  switch (type) {
    case TYPE.open:
      return { type: 'open', ch, root: readRootId(decoder) }
    case TYPE.auth:
      return {
        type: 'auth',
        ch,
        certificate: readBytes(decoder, 1_024),
        signature: readFixed(decoder, 64),
        host: readText(decoder, 260),
        admission: readText(decoder, 8_192)
      }
    case TYPE.pull:
      return {
        type: 'pull',
        ch,
        shard: readShardId(decoder),
        after: readSeq(decoder),
        hashAfter: readFixed(decoder, 16)
      }
    case TYPE.push:
      return { type: 'push', ch, shard: readShardId(decoder), ref: readVarUint(decoder), entries: entries() }
    case TYPE.snap:
      return { type: 'snap', ch, shard: readShardId(decoder), ref: readVarUint(decoder), ...readChunk(decoder) }
    case TYPE.rotate:
      return {
        type: 'rotate',
        ch,
        ref: readVarUint(decoder),
        entries: entries(),
        certificate: readBytes(decoder, 1_024)
      }
    case TYPE.ephemeral:
      return { type: 'ephemeral', ch, shard: readShardId(decoder), frame: readBytes(decoder, MAX_EPHEMERAL_BYTES) }
    case TYPE.erase:
      return {
        type: 'erase',
        ch,
        scope: readScope(decoder),
        rootKey: readFixed(decoder, 32),
        signature: readFixed(decoder, 64)
      }
    case TYPE.close:
      return { type: 'close', ch }
    default:
      throw new Error('unknown frame')
  }
}

export const decodeDeviceFrame = (bytes: Uint8Array): Result<DeviceFrame, 'malformed'> =>
  decodeFrame<DeviceFrame>(bytes, (decoder, type) =>
    type === TYPE.time
      ? { type: 'time', t0: readVarUint(decoder) }
      : readChannelBody(decoder, type, readVarUint(decoder))
  )
