import { associatedData, encodeInner, encodeOuter, type InnerEntry, signedInner } from '#core/entry.ts'
import type { ShardId } from '#core/ids.ts'
import { deviceIdFromHash } from '#core/ids.ts'
import { encryptAes } from './aes.ts'
import { streamCompression } from './deflate.ts'
import { deriveKeys } from './derive.ts'
import { digestOf } from './digest.ts'
import { createEd25519 } from './ed25519.ts'
import type { Tools } from './kept-keys.ts'
import { phraseToEntropy } from './phrase.ts'
import type { SealRequest } from './ports.ts'
import { type Author, sealEntry } from './seal.ts'

/** For tests: somebody who holds the phrase and does with it what no app of ours would. */
export const createForger = async (words: readonly string[]) => {
  const { subtle } = crypto
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const tools: Tools = { subtle, random, ed25519: await createEd25519(subtle), compression: streamCompression }
  const keys = await deriveKeys(subtle, tools.ed25519, phraseToEntropy(words), 0)

  const device = async (): Promise<Author> => {
    const { publicKey, privateKey } = await tools.ed25519.generate()
    const signer = tools.ed25519.signerFromKey(publicKey, privateKey)
    return { keys, signer, device: deviceIdFromHash(await digestOf(subtle, publicKey)) }
  }
  const seal = (author: Author, shard: ShardId, request: SealRequest) => sealEntry(tools, author, shard, request)
  /** An entry whose body claims to be deflated and is `deflated`. */
  const sealDeflated = (author: Author, shard: ShardId, request: SealRequest, deflated: Uint8Array) => {
    const compression = { ...streamCompression, deflate: async () => deflated }
    return sealEntry({ ...tools, compression }, author, shard, {
      ...request,
      body: new Uint8Array(deflated.byteLength + 128)
    })
  }
  /** An entry with flags of its own. */
  const sealFlags = async (
    author: Author,
    shard: ShardId,
    request: SealRequest,
    flags: number
  ): Promise<Uint8Array> => {
    const header = { version: 1, suite: 1, kind: request.kind, epoch: 0 }
    const inner: InnerEntry = { ...request, device: author.device, flags }
    const signature = await author.signer.sign(signedInner(keys.root, shard, header, inner))
    const nonce = random(12)
    const associated = associatedData(keys.root, shard, { ...header, nonce })
    const ciphertext = await encryptAes(subtle, keys.content, nonce, associated, encodeInner(inner, signature))
    return encodeOuter({ ...header, nonce, ciphertext })
  }
  const unsigned = (author: Author): Author => ({
    ...author,
    signer: { ...author.signer, sign: async () => random(64) }
  })
  return { tools, keys, device, seal, sealDeflated, sealFlags, unsigned }
}
