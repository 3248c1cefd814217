import type { Shelf } from '#app/store/ports.ts'
import { bytesEqual } from '#core/bytes.ts'
import { err, ok, type Result } from '#core/result.ts'
import { type Compression, streamCompression } from './deflate.ts'
import { createEd25519 } from './ed25519.ts'
import { createTurns } from './in-turn.ts'
import {
  type KeptKeys,
  type KeyPlace,
  keptEntropy,
  newKeptKeys,
  readKept,
  type Tools,
  withNewDevice,
  writeKept
} from './kept-keys.ts'
import { createKeyholder } from './keyholder.ts'
import { ENTROPY_BYTES, entropyToPhrase, parsePhrase, phraseToEntropy } from './phrase.ts'
import type { Keyholder, Vault, VaultFailure } from './ports.ts'
import { isErasureProven, isReceiptProven } from './proofs.ts'
import type { RandomBytes } from './web-bytes.ts'

export interface VaultParts {
  readonly shelf: Shelf
  /** globalThis.crypto of the page, the worker or Node. Its `subtle` is missing on plain http. */
  readonly crypto: { readonly subtle?: SubtleCrypto }
  readonly random: RandomBytes
  /** The platform's streams unless told otherwise. */
  readonly compression?: Compression
  /** Runs one thing at a time over all tabs of the profile (a Web Lock), so that two first launches make one phrase. */
  readonly exclusively?: <Value>(run: () => Promise<Value>) => Promise<Value>
}

const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)

/** Keys of one profile. A failure of storage or WebCrypto is a value; only a keyholder of another vault, or an unparsed phrase, throws. */
export const createVault = (parts: VaultParts): Vault => {
  const { shelf } = parts
  let tools: Promise<Tools> | undefined
  let current: { readonly kept: KeptKeys; readonly keyholder: Keyholder } | undefined
  const keptOf = new WeakMap<Keyholder, KeptKeys>()

  const guarded = async <Value>(
    run: (tools: Tools) => Promise<Result<Value, VaultFailure>>
  ): Promise<Result<Value, VaultFailure>> => {
    const { subtle } = parts.crypto
    if (!subtle) return err({ kind: 'insecure-context' })
    try {
      tools ??= createEd25519(subtle).then((ed25519) => ({
        subtle,
        ed25519,
        random: parts.random,
        compression: parts.compression ?? streamCompression
      }))
      return await run(await tools)
    } catch (thrown) {
      return err({ kind: 'storage', reason: reasonOf(thrown) })
    }
  }
  const alone = parts.exclusively ?? createTurns()

  const holderOf = async (ready: Tools, kept: KeptKeys): Promise<Keyholder> => {
    // Another tab may have adopted or renewed since: what is kept decides, the one in memory only saves the derivation.
    if (current && isSameKeys(current.kept, kept)) return current.keyholder
    const keyholder = await createKeyholder(ready, kept)
    keptOf.set(keyholder, kept)
    return keyholder
  }
  const take = async (ready: Tools, kept: KeptKeys): Promise<Result<Keyholder, VaultFailure>> => {
    current = { kept, keyholder: await holderOf(ready, kept) }
    return ok(current.keyholder)
  }
  const keepAt = (place: KeyPlace, keyholder: Keyholder): Promise<Result<void, VaultFailure>> => {
    const kept = keptOf.get(keyholder)
    if (!kept) return Promise.reject(new Error('a keyholder of another vault'))
    return alone(() => guarded(() => writeKept(shelf, place, kept)))
  }
  const withCurrent = <Value>(run: (ready: Tools, kept: KeptKeys) => Promise<Result<Value, VaultFailure>>) =>
    guarded<Value>(async (ready) => {
      const read = await readKept(shelf, 'vault/current')
      if (!read.ok) return read
      return read.value ? run(ready, read.value) : err({ kind: 'no-keys' })
    })

  return {
    current: () => withCurrent(take),
    create: () =>
      alone(() =>
        guarded(async (ready) => {
          const read = await readKept(shelf, 'vault/current')
          if (!read.ok) return read
          if (read.value) return take(ready, read.value)
          const kept = await newKeptKeys(ready, parts.random(ENTROPY_BYTES), 0)
          const written = await writeKept(shelf, 'vault/current', kept)
          return written.ok ? take(ready, kept) : written
        })
      ),
    phrase: () => withCurrent(async (ready, kept) => ok(entropyToPhrase(await keptEntropy(ready, kept)))),
    parse: async (text) => parsePhrase(text),
    consider: async (words, incarnation) => {
      const entropy = phraseToEntropy(words)
      return guarded(async (ready) => {
        const kept = await newKeptKeys(ready, entropy, incarnation)
        const keyholder = await createKeyholder(ready, kept)
        keptOf.set(keyholder, kept)
        return ok(keyholder)
      })
    },
    adopt: async (keyholder) => {
      const written = await keepAt('vault/current', keyholder)
      const kept = keptOf.get(keyholder)
      if (written.ok && kept) current = { kept, keyholder }
      return written
    },
    keepFormer: (keyholder) => keepAt('vault/former', keyholder),
    former: () =>
      guarded(async (ready) => {
        const read = await readKept(shelf, 'vault/former')
        if (!read.ok) return read
        return ok(read.value ? await holderOf(ready, read.value) : undefined)
      }),
    dropFormer: () => guarded(() => writeKept(shelf, 'vault/former', undefined)),
    renewDevice: () =>
      alone(() =>
        withCurrent(async (ready, kept) => {
          const renewed = await withNewDevice(ready, kept)
          const written = await writeKept(shelf, 'vault/current', renewed)
          return written.ok ? take(ready, renewed) : written
        })
      ),
    verifyErasure: async (proof) => {
      const proven = await guarded(async (ready) => ok(await isErasureProven(ready, proof)))
      return proven.ok && proven.value
    },
    verifyReceipt: async (proof, receipt) => {
      const proven = await guarded(async (ready) => ok(await isReceiptProven(ready, proof, receipt)))
      return proven.ok && proven.value
    },
    erase: () =>
      alone(() =>
        guarded(async () => {
          current = undefined
          const dropped = await writeKept(shelf, 'vault/former', undefined)
          return dropped.ok ? writeKept(shelf, 'vault/current', undefined) : dropped
        })
      )
  }
}

/** A device key is made once and belongs to one phrase and incarnation. */
const isSameKeys = (a: KeptKeys, b: KeptKeys): boolean =>
  a.incarnation === b.incarnation && bytesEqual(a.device.publicKey, b.device.publicKey)
