import {
  associatedData,
  ENTRY_KIND,
  ENTRY_VERSION,
  type EntryKind,
  encodeInner,
  encodeOuter,
  FLAG_DEFLATE,
  FLAG_YJS_V2,
  type InnerEntry,
  NONCE_BYTES,
  SUITE_AES_GCM_ED25519,
  signedInner
} from '#core/entry.ts'
import type { DeviceId, ShardId } from '#core/ids.ts'
import { encryptAes } from './aes.ts'
import { deflateBody } from './deflate.ts'
import type { DerivedKeys } from './derive.ts'
import { digestOf, shortHashOf } from './digest.ts'
import type { Signer } from './ed25519.ts'
import type { Tools } from './kept-keys.ts'
import type { Sealed, SealRequest } from './ports.ts'

/** Who seals, and with what. */
export interface Author {
  readonly keys: DerivedKeys
  readonly device: DeviceId
  readonly signer: Signer
}

export const contentKeyFor = (keys: DerivedKeys, kind: EntryKind): CryptoKey =>
  kind === ENTRY_KIND.ephemeral ? keys.live : keys.content

/** Deflate, sign, pad, encrypt: in this order, so that the signature binds what is stored and the length tells little. */
export const sealEntry = async (
  tools: Tools,
  author: Author,
  shard: ShardId,
  request: SealRequest
): Promise<Sealed> => {
  const { subtle, random } = tools
  const { root, epoch } = author.keys
  const header = { version: ENTRY_VERSION, suite: SUITE_AES_GCM_ED25519, kind: request.kind, epoch }
  const deflated = await deflateBody(tools.compression, request.body)
  const inner: InnerEntry = {
    device: author.device,
    counter: request.counter,
    prev: request.prev,
    seen: request.seen,
    flags: (deflated ? FLAG_DEFLATE : 0) | (request.yjsV2 ? FLAG_YJS_V2 : 0),
    body: deflated ?? request.body
  }
  const message = signedInner(root, shard, header, inner)
  const signature = await author.signer.sign(message)
  const nonce = random(NONCE_BYTES)
  const associated = associatedData(root, shard, { ...header, nonce })
  const key = contentKeyFor(author.keys, request.kind)
  const ciphertext = await encryptAes(subtle, key, nonce, associated, encodeInner(inner, signature))
  const bytes = encodeOuter({ ...header, nonce, ciphertext })
  return { bytes, digest: await digestOf(subtle, bytes), innerHash: await shortHashOf(subtle, message) }
}
