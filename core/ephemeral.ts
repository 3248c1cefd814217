import { writeVarUint8Array } from 'lib0/encoding'
import { MAX_EPHEMERAL_BYTES } from './limits.ts'
import type { Result } from './result.ts'
import { decode, encode, readBytes } from './wire.ts'

/** Body of a kind 7 frame. It is never stored, so it brings the certificate that its signature is checked with. */
export interface EphemeralBody {
  /** Encoded DeviceCertificate. */
  readonly certificate: Uint8Array
  readonly payload: Uint8Array
}

export const encodeEphemeralBody = (body: EphemeralBody): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, body.certificate)
    writeVarUint8Array(encoder, body.payload)
  })

export const decodeEphemeralBody = (bytes: Uint8Array): Result<EphemeralBody, 'malformed'> =>
  decode(bytes, (decoder) => ({
    certificate: readBytes(decoder, 1_024),
    payload: readBytes(decoder, MAX_EPHEMERAL_BYTES)
  }))
