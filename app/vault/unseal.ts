import {
  associatedData,
  decodeInner,
  decodeOuter,
  ENTRY_KIND,
  ENTRY_VERSION,
  type EntryKind,
  FLAG_DEFLATE,
  FLAG_YJS_V2,
  type InnerEntry,
  SUITE_AES_GCM_ED25519,
  signedInner
} from '#core/entry.ts'
import type { ShardId } from '#core/ids.ts'
import { MAX_ENTRY_BYTES, MAX_SNAPSHOT_BYTES } from '#core/limits.ts'
import { decryptAes } from './aes.ts'
import type { DerivedKeys } from './derive.ts'
import { digestOf, shortHashOf } from './digest.ts'
import type { Tools } from './kept-keys.ts'
import type { Opened } from './ports.ts'
import { contentKeyFor } from './seal.ts'

/** What decryption alone can tell. The signature is not checked yet. */
export interface Unsealed {
  readonly kind: EntryKind
  readonly inner: InnerEntry
  readonly digest: Uint8Array
  readonly message: Uint8Array
  readonly innerHash: Uint8Array
  readonly signature: Uint8Array
}

export type Refused = Extract<Opened, { readonly status: 'opaque' | 'invalid' }>

const KNOWN_FLAGS = FLAG_DEFLATE | FLAG_YJS_V2

export const isRefused = (result: Unsealed | Refused): result is Refused => 'status' in result

/** @param kinds what may stand in this place; a kind this app does not know is a later app's, not proof of anything. */
export const unseal = async (
  { subtle }: Tools,
  keys: DerivedKeys,
  shard: ShardId,
  bytes: Uint8Array,
  kinds: readonly EntryKind[]
): Promise<Unsealed | Refused> => {
  const digest = await digestOf(subtle, bytes)
  const opaque = (reason: 'no-key' | 'unknown-suite'): Refused => ({ status: 'opaque', reason, digest })
  const invalid = (reason: 'malformed' | 'kind' | 'tag'): Refused => ({ status: 'invalid', reason, digest })
  if (bytes.byteLength > 1 && (bytes[0] !== ENTRY_VERSION || bytes[1] !== SUITE_AES_GCM_ED25519))
    return opaque('unknown-suite')
  const outer = decodeOuter(bytes, kinds.includes(ENTRY_KIND.snapshot) ? MAX_SNAPSHOT_BYTES : MAX_ENTRY_BYTES)
  if (!outer.ok) return invalid('malformed')
  const kind = kinds.find((each) => each === outer.value.kind)
  if (kind === undefined) return isMisplaced(outer.value.kind) ? invalid('kind') : opaque('unknown-suite')
  if (outer.value.epoch !== keys.epoch) return opaque('no-key')
  const associated = associatedData(keys.root, shard, outer.value)
  const plaintext = await decryptAes(
    subtle,
    contentKeyFor(keys, kind),
    outer.value.nonce,
    associated,
    outer.value.ciphertext
  )
  if (!plaintext) return invalid('tag')
  const decoded = decodeInner(plaintext)
  if (!decoded.ok) return invalid('malformed')
  const { inner, signature } = decoded.value
  if ((inner.flags & ~KNOWN_FLAGS) !== 0) return opaque('unknown-suite')
  const message = signedInner(keys.root, shard, outer.value, inner)
  return { kind, inner, digest, message, innerHash: await shortHashOf(subtle, message), signature }
}

/** Kinds this version gives a place, met in another one. */
const isMisplaced = (kind: number): boolean =>
  kind === ENTRY_KIND.update ||
  kind === ENTRY_KIND.deviceCertificate ||
  kind === ENTRY_KIND.snapshot ||
  kind === ENTRY_KIND.ephemeral
