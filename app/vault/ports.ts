import type { DocPath } from '#app/store/ports.ts'
import type { EraseReceipt, EraseScope, ErasureProof } from '#core/certificate.ts'
import type { Cover, EntryKind, Seen, SnapshotBody } from '#core/entry.ts'
import type { DeviceId, RootId, ShardId } from '#core/ids.ts'
import type { Result } from '#core/result.ts'

/** Keys never leave the vault; sync and the composition root ask it to seal, open and sign. Calls run off the main thread. */

export type PhraseProblem =
  | { readonly kind: 'wrong-count'; readonly count: number }
  | { readonly kind: 'unknown-word'; readonly index: number; readonly word: string; readonly nearest: string }
  | { readonly kind: 'do-not-belong-together' }

export type VaultFailure =
  /** No phrase on this device yet. */
  | { readonly kind: 'no-keys' }
  /** crypto.subtle is missing: plain http on a name that is not localhost. */
  | { readonly kind: 'insecure-context' }
  | { readonly kind: 'storage'; readonly reason: string }

export interface SealRequest {
  readonly kind: EntryKind
  /** 1 for this device's first entry in the shard, which is its certificate. */
  readonly counter: number
  /** innerHash of this device's previous entry in the shard; zeros for its first. */
  readonly prev: Uint8Array
  readonly seen: Seen
  /** Before deflate. A Yjs update (kind update), an encoded DeviceCertificate, an encoded SnapshotBody. */
  readonly body: Uint8Array
  readonly yjsV2?: boolean
}

export interface Sealed {
  readonly bytes: Uint8Array
  /** SHA-256 of bytes. */
  readonly digest: Uint8Array
  readonly innerHash: Uint8Array
}

interface OpenedBase {
  readonly device: DeviceId
  readonly counter: number
  readonly innerHash: Uint8Array
  readonly prev: Uint8Array
  readonly seen: Seen
  /** SHA-256 of the sealed bytes. */
  readonly digest: Uint8Array
}

export type Opened =
  | (OpenedBase & { readonly status: 'update'; readonly update: Uint8Array; readonly yjsV2: boolean })
  | (OpenedBase & { readonly status: 'certificate'; readonly certificate: Uint8Array })
  | (OpenedBase & { readonly status: 'snapshot'; readonly body: SnapshotBody })
  /** Not to be applied, never to be superseded, to be tried again. */
  | {
      readonly status: 'opaque'
      readonly reason: 'unknown-device' | 'predecessor' | 'no-key' | 'unknown-suite'
      readonly digest: Uint8Array
    }
  /**
   * Proven bad: tag fails under the right key, wrong signature by a known certificate, deflate bomb, certificate not ours.
   * `author` is set when the entry is authentic and only its body is worthless: its counter then counts as used (move the cover on),
   * or everything this device writes later would wait for it for ever.
   */
  | {
      readonly status: 'invalid'
      readonly reason: InvalidReason
      readonly digest: Uint8Array
      readonly author?: Pick<Cover, 'device' | 'counter' | 'innerHash'>
    }

export type InvalidReason = 'malformed' | 'kind' | 'tag' | 'signature' | 'certificate' | 'inflate' | 'body'

/** One phrase at one root incarnation: everything that can be done with its keys. */
export interface Keyholder {
  readonly root: RootId
  /** 0, and one more after each erasure of everything: the same phrase then keeps a new journal under another root. */
  readonly incarnation: number
  readonly device: DeviceId
  /**
   * Who guards this device's signing key. 'browser': a non-extractable key, not even this page can read it. 'wrapped': the browser
   * lacks Ed25519, so a library signs with a key that is wrapped at rest and readable to script in this page: the app says so.
   */
  readonly deviceKeyGuard: 'browser' | 'wrapped'
  /** Encoded DeviceCertificate: the body of this device's first entry in each shard. */
  readonly deviceCertificate: Uint8Array
  /** Encoded WriterCertificate of the current epoch. */
  readonly writerCertificate: Uint8Array
  readonly epoch: number
  /** HKDF(root secret, path), 16 bytes. */
  shard(path: DocPath): Promise<ShardId>
  /** Signature by W over authMessage. */
  authenticate(challenge: {
    readonly host: string
    readonly relayKey: Uint8Array
    readonly challenge: Uint8Array
  }): Promise<Uint8Array>
  /** The bytes may exceed MAX_ENTRY_BYTES when the body does: the caller splits before it comes to that. */
  seal(shard: ShardId, request: SealRequest): Promise<Sealed>
  /**
   * Opens a stretch of a shard's log in order. `known` = what this device knows of each author so far (certificate, last counter
   * and inner hash); within the batch, certificates and predecessors are taken as they come. One result per entry, in order.
   */
  open(shard: ShardId, known: readonly Cover[], entries: readonly Uint8Array[]): Promise<readonly Opened[]>
  /**
   * A snapshot is sealed with kind `snapshot`, this device's current counter and innerHash as counter and prev (0 and zeros when it has
   * no entry in the shard), and must list this device among its covers. It opens on its own: the covers carry every certificate.
   */
  openSnapshot(shard: ShardId, bytes: Uint8Array): Promise<Opened>
  sealEphemeral(shard: ShardId, body: Uint8Array): Promise<Uint8Array>
  /** undefined when it does not open: presence that cannot be read is nobody's. */
  openEphemeral(
    shard: ShardId,
    frame: Uint8Array
  ): Promise<{ readonly device: DeviceId; readonly body: Uint8Array } | undefined>
  signErasure(scope: EraseScope): Promise<ErasureProof>
  /** Seals any bytes (a backup file) under a key of the phrase, and opens them. */
  sealFile(bytes: Uint8Array): Promise<Uint8Array>
  openFile(bytes: Uint8Array): Promise<Result<Uint8Array, 'not-ours' | 'malformed'>>
}

export interface Vault {
  /** What this device holds; made by `create` at first launch, silently. */
  current(): Promise<Result<Keyholder, VaultFailure>>
  create(): Promise<Result<Keyholder, VaultFailure>>
  /** The words of the current phrase. */
  phrase(): Promise<Result<readonly string[], VaultFailure>>
  /** Takes what people paste: any case, line breaks, commas, numbering. A promise, so that the word list stays out of the page's own bundle. */
  parse(text: string): Promise<Result<readonly string[], PhraseProblem>>
  /** A phrase's keys without keeping them: for looking at a relay before taking over. A fresh device key comes with them. */
  consider(words: readonly string[], incarnation: number): Promise<Result<Keyholder, VaultFailure>>
  /** Makes a considered keyholder the current one (the phrase and its device key are kept; the former ones are dropped). */
  adopt(keyholder: Keyholder): Promise<Result<void, VaultFailure>>
  /** The former keyholder while "bring these practices along" is under way, so that its root can be erased at the end. */
  keepFormer(keyholder: Keyholder): Promise<Result<void, VaultFailure>>
  former(): Promise<Result<Keyholder | undefined, VaultFailure>>
  dropFormer(): Promise<Result<void, VaultFailure>>
  /** A new device key under the same phrase: after the profile was found to be a clone. */
  renewDevice(): Promise<Result<Keyholder, VaultFailure>>
  verifyErasure(proof: ErasureProof): Promise<boolean>
  verifyReceipt(proof: ErasureProof, receipt: EraseReceipt): Promise<boolean>
  /** Deletes every key of this profile. */
  erase(): Promise<Result<void, VaultFailure>>
}
