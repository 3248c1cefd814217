import { ok, type Result } from '#core/result.ts'
import type { Keyholder, Vault, VaultFailure } from './ports.ts'

/** The vault as flat calls whose parts and values can be cloned: a keyholder becomes a number and its public facts. */

type Fact = 'root' | 'incarnation' | 'device' | 'deviceKeyGuard' | 'deviceCertificate' | 'writerCertificate' | 'epoch'

export interface KeyholderFacts extends Pick<Keyholder, Fact> {
  readonly handle: number
}

type HolderVerbs = {
  [Verb in Exclude<keyof Keyholder, Fact>]: (
    handle: number,
    ...parts: Parameters<Keyholder[Verb]>
  ) => ReturnType<Keyholder[Verb]>
}

type Held<Kind> = Promise<Result<Kind, VaultFailure>>

export type VaultVerbs = HolderVerbs &
  Pick<Vault, 'phrase' | 'parse' | 'dropFormer' | 'verifyErasure' | 'verifyReceipt' | 'erase'> & {
    current(): Held<KeyholderFacts>
    create(): Held<KeyholderFacts>
    consider(words: readonly string[], incarnation: number): Held<KeyholderFacts>
    renewDevice(): Held<KeyholderFacts>
    former(): Held<KeyholderFacts | undefined>
    adopt(handle: number): Held<void>
    keepFormer(handle: number): Held<void>
  }

export const createVaultVerbs = (vault: Vault): VaultVerbs => {
  // Never dropped: a page meets a handful of keyholders in its life.
  const holders: Keyholder[] = []
  const handleOf = new Map<Keyholder, number>()

  const factsOf = (holder: Keyholder): KeyholderFacts => {
    const handle = handleOf.get(holder) ?? holders.push(holder) - 1
    handleOf.set(holder, handle)
    const { root, incarnation, device, deviceKeyGuard, deviceCertificate, writerCertificate, epoch } = holder
    return { handle, root, incarnation, device, deviceKeyGuard, deviceCertificate, writerCertificate, epoch }
  }
  const named = async (held: Held<Keyholder>): Held<KeyholderFacts> => {
    const result = await held
    return result.ok ? ok(factsOf(result.value)) : result
  }
  const at = (handle: number): Keyholder => {
    const holder = holders[handle]
    if (!holder) throw new Error('no such keyholder')
    return holder
  }

  return {
    current: () => named(vault.current()),
    create: () => named(vault.create()),
    phrase: () => vault.phrase(),
    parse: (text) => vault.parse(text),
    consider: (words, incarnation) => named(vault.consider(words, incarnation)),
    adopt: async (handle) => vault.adopt(at(handle)),
    keepFormer: async (handle) => vault.keepFormer(at(handle)),
    former: async () => {
      const former = await vault.former()
      return former.ok ? ok(former.value && factsOf(former.value)) : former
    },
    dropFormer: () => vault.dropFormer(),
    renewDevice: () => named(vault.renewDevice()),
    verifyErasure: (proof) => vault.verifyErasure(proof),
    verifyReceipt: (proof, receipt) => vault.verifyReceipt(proof, receipt),
    erase: () => vault.erase(),
    shard: async (handle, path) => at(handle).shard(path),
    authenticate: async (handle, challenge) => at(handle).authenticate(challenge),
    seal: async (handle, shard, request) => at(handle).seal(shard, request),
    open: async (handle, shard, known, entries) => at(handle).open(shard, known, entries),
    openSnapshot: async (handle, shard, bytes) => at(handle).openSnapshot(shard, bytes),
    sealEphemeral: async (handle, shard, body) => at(handle).sealEphemeral(shard, body),
    openEphemeral: async (handle, shard, frame) => at(handle).openEphemeral(shard, frame),
    signErasure: async (handle, scope) => at(handle).signErasure(scope),
    sealFile: async (handle, bytes) => at(handle).sealFile(bytes),
    openFile: async (handle, bytes) => at(handle).openFile(bytes)
  }
}
