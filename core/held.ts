import { readVarUint } from 'lib0/decoding'
import { writeUint8, writeVarUint } from 'lib0/encoding'
import { bytesEqual } from './bytes.ts'
import { HASH_BYTES } from './chain.ts'
import { type Seq, seq } from './ids.ts'
import type { Result } from './result.ts'
import { decode, encode, readByte, readFixed, writeFixed } from './wire.ts'

/**
 * Payload of an EPH frame by which a device tells the others how far it holds a shard: `1 or 2 | relay mark fixed 4 | seq | hash`. The
 * hash, because after a relay lost entries the same seq may name another history. With 2 it also asks the others to say how far they are:
 * what they said while it was away it did not hear.
 */
export interface HeldUpTo {
  readonly seq: Seq
  /** Chain hash at seq, 16 bytes. */
  readonly hash: Uint8Array
}

const HELD = 1
const HELD_AND_ASKS = 2
const MARK_BYTES = 4

/** @param relayMark the first 4 bytes of SHA-256(relay key) */
export const encodeHeld = (relayMark: Uint8Array, held: HeldUpTo, asks: boolean): Uint8Array =>
  encode((encoder) => {
    writeUint8(encoder, asks ? HELD_AND_ASKS : HELD)
    writeFixed(encoder, relayMark, MARK_BYTES)
    writeVarUint(encoder, held.seq)
    writeFixed(encoder, held.hash, HASH_BYTES)
  })

export interface SaidHeld extends HeldUpTo {
  readonly asks: boolean
}

const decodeHeld = (bytes: Uint8Array): Result<SaidHeld & { readonly relayMark: Uint8Array }, 'malformed'> =>
  decode(bytes, (decoder) => {
    const kind = readByte(decoder)
    if (kind !== HELD && kind !== HELD_AND_ASKS) throw new Error('another payload')
    const relayMark = readFixed(decoder, MARK_BYTES)
    return {
      relayMark,
      asks: kind === HELD_AND_ASKS,
      seq: seq(readVarUint(decoder)),
      hash: readFixed(decoder, HASH_BYTES)
    }
  })

/** @returns undefined for another payload or another relay. */
export const readHeld = (payload: Uint8Array, relayMark: Uint8Array): SaidHeld | undefined => {
  const held = decodeHeld(payload)
  return held.ok && bytesEqual(held.value.relayMark, relayMark) ? held.value : undefined
}
