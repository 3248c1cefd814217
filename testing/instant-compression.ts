import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Compression } from '#app/vault/deflate.ts'

/** The platform's streams end in real time, not in a world's. */
export const INSTANT_COMPRESSION: Compression = {
  deflate: async (bytes) => new Uint8Array(deflateRawSync(bytes)),
  inflate: async (bytes, limit) => {
    try {
      return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: limit }))
    } catch {
      return undefined
    }
  }
}
