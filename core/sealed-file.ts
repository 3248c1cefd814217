import { writeUint8, writeVarUint8Array } from 'lib0/encoding'
import { asciiToBytes } from './bytes.ts'
import { ENTRY_KIND, ENTRY_VERSION, NONCE_BYTES, padmeLength, SUITE_AES_GCM_ED25519, TAG_BYTES } from './entry.ts'
import type { Result } from './result.ts'
import { decode, encode, readByte, readBytes, readFixed, writeFixed } from './wire.ts'

/** A file that only the holder of the phrase opens (a backup). It travels by hand, so it names no root and no shard. */
export interface SealedFile {
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

const header = Uint8Array.of(ENTRY_VERSION, SUITE_AES_GCM_ED25519, ENTRY_KIND.file)

export const encodeSealedFile = (file: SealedFile): Uint8Array =>
  encode((encoder) => {
    writeFixed(encoder, header, header.byteLength)
    writeFixed(encoder, file.nonce, NONCE_BYTES)
    writeFixed(encoder, file.ciphertext, file.ciphertext.byteLength)
  })

export const decodeSealedFile = (bytes: Uint8Array): Result<SealedFile, 'malformed'> =>
  decode(bytes, (decoder) => {
    for (const expected of header) if (readByte(decoder) !== expected) throw new Error('not a sealed file')
    const nonce = readFixed(decoder, NONCE_BYTES)
    const ciphertext = readFixed(decoder, bytes.byteLength - decoder.pos)
    if (ciphertext.byteLength < TAG_BYTES) throw new Error('no tag')
    return { nonce, ciphertext }
  })

/** AES-GCM associated data of a sealed file. */
export const sealedFileAssociatedData = (nonce: Uint8Array): Uint8Array =>
  encode((encoder) => {
    writeVarUint8Array(encoder, asciiToBytes('council.sealed.1 file'))
    writeFixed(encoder, header, header.byteLength)
    writeFixed(encoder, nonce, NONCE_BYTES)
  })

/** The plaintext of a sealed file: flags u8 | body bytes | zeros up to the Padmé length. @param body as stored: deflated when flagged so */
export const encodeFileInner = (flags: number, body: Uint8Array): Uint8Array => {
  const unpadded = encode((encoder) => {
    writeUint8(encoder, flags)
    writeVarUint8Array(encoder, body)
  })
  const padded = new Uint8Array(padmeLength(unpadded.byteLength))
  padded.set(unpadded)
  return padded
}

export const decodeFileInner = (
  bytes: Uint8Array
): Result<{ readonly flags: number; readonly body: Uint8Array }, 'malformed'> =>
  decode(bytes, (decoder) => {
    const flags = readByte(decoder)
    const body = readBytes(decoder, bytes.byteLength)
    const padding = readFixed(decoder, bytes.byteLength - decoder.pos)
    if (bytes.byteLength !== padmeLength(bytes.byteLength - padding.byteLength))
      throw new Error('not the padded length')
    if (padding.some((byte) => byte !== 0)) throw new Error('padding is not zero')
    return { flags, body }
  })
