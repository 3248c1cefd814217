import { readVarUint } from 'lib0/decoding'
import { writeUint8, writeVarUint } from 'lib0/encoding'
import { bytesEqual } from './bytes.ts'
import { type Seq, seq } from './ids.ts'
import type { Result } from './result.ts'
import { decode, encode, readByte, readFixed, writeFixed } from './wire.ts'

/** Payload of an EPH frame by which a device tells the others how far it holds a shard: `1 | relay mark fixed 4 | seq varuint`. */

const HELD = 1

export const encodeHeld = (relayMark: Uint8Array, upTo: Seq): Uint8Array =>
  encode((encoder) => {
    writeUint8(encoder, HELD)
    writeFixed(encoder, relayMark, 4)
    writeVarUint(encoder, upTo)
  })

const decodeHeld = (bytes: Uint8Array): Result<{ readonly relayMark: Uint8Array; readonly upTo: Seq }, 'malformed'> =>
  decode(bytes, (decoder) => {
    if (readByte(decoder) !== HELD) throw new Error('another payload')
    return { relayMark: readFixed(decoder, 4), upTo: seq(readVarUint(decoder)) }
  })

/** @returns how far the sender holds this relay's log; undefined for another payload or another relay. */
export const readHeld = (payload: Uint8Array, relayMark: Uint8Array): Seq | undefined => {
  const held = decodeHeld(payload)
  return held.ok && bytesEqual(held.value.relayMark, relayMark) ? held.value.upTo : undefined
}
