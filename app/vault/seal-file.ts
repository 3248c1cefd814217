import { FLAG_DEFLATE, NONCE_BYTES } from '#core/entry.ts'
import { err, ok, type Result } from '#core/result.ts'
import {
  decodeFileInner,
  decodeSealedFile,
  encodeFileInner,
  encodeSealedFile,
  sealedFileAssociatedData
} from '#core/sealed-file.ts'
import { decryptAes, encryptAes } from './aes.ts'
import { deflateBody, inflateBody } from './deflate.ts'
import type { Tools } from './kept-keys.ts'

export const sealFileBytes = async (
  { subtle, random, compression }: Tools,
  key: CryptoKey,
  bytes: Uint8Array
): Promise<Uint8Array> => {
  const deflated = await deflateBody(compression, bytes)
  const plaintext = encodeFileInner(deflated ? FLAG_DEFLATE : 0, deflated ?? bytes)
  const nonce = random(NONCE_BYTES)
  const ciphertext = await encryptAes(subtle, key, nonce, sealedFileAssociatedData(nonce), plaintext)
  return encodeSealedFile({ nonce, ciphertext })
}

/** 'not-ours': sealed under another phrase, or changed since. */
export const openFileBytes = async (
  { subtle, compression }: Tools,
  key: CryptoKey,
  bytes: Uint8Array
): Promise<Result<Uint8Array, 'not-ours' | 'malformed'>> => {
  const file = decodeSealedFile(bytes)
  if (!file.ok) return file
  const { nonce, ciphertext } = file.value
  const plaintext = await decryptAes(subtle, key, nonce, sealedFileAssociatedData(nonce), ciphertext)
  if (!plaintext) return err('not-ours')
  const inner = decodeFileInner(plaintext)
  if (!inner.ok) return inner
  if ((inner.value.flags & ~FLAG_DEFLATE) !== 0) return err('malformed')
  const body = inner.value.flags === FLAG_DEFLATE ? await inflateBody(compression, inner.value.body) : inner.value.body
  return body ? ok(body) : err('malformed')
}
