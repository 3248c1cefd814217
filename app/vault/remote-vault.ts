import { err, ok, type Result } from '#core/result.ts'
import { type CallPort, ChannelBroken, createCaller } from './channel.ts'
import type { Keyholder, Vault, VaultFailure } from './ports.ts'
import type { KeyholderFacts, VaultVerbs } from './vault-verbs.ts'

/** The page's side: a vault whose work is done behind `port`. When that side breaks, calls fail with `storage`, and a keyholder's reject. */
export const createRemoteVault = (port: CallPort): Vault => {
  const { call } = createCaller<VaultVerbs>(port)
  const holderByHandle = new Map<number, Keyholder>()
  const handleOf = new WeakMap<Keyholder, number>()

  const holderOf = ({ handle, ...facts }: KeyholderFacts): Keyholder => {
    const known = holderByHandle.get(handle)
    if (known) return known
    const holder: Keyholder = {
      ...facts,
      shard: (path) => call('shard', handle, path),
      authenticate: (challenge) => call('authenticate', handle, challenge),
      seal: (shard, request) => call('seal', handle, shard, request),
      open: (shard, known, entries) => call('open', handle, shard, known, entries),
      openSnapshot: (shard, bytes) => call('openSnapshot', handle, shard, bytes),
      sealEphemeral: (shard, body) => call('sealEphemeral', handle, shard, body),
      openEphemeral: (shard, frame) => call('openEphemeral', handle, shard, frame),
      signErasure: (scope) => call('signErasure', handle, scope),
      sealFile: (bytes) => call('sealFile', handle, bytes),
      openFile: (bytes) => call('openFile', handle, bytes)
    }
    holderByHandle.set(handle, holder)
    handleOf.set(holder, handle)
    return holder
  }
  const held = async (
    facts: Promise<Result<KeyholderFacts, VaultFailure>>
  ): Promise<Result<Keyholder, VaultFailure>> => {
    const result = await unbroken(facts)
    return result.ok ? ok(holderOf(result.value)) : result
  }
  const withHandle = async <Value>(keyholder: Keyholder, run: (handle: number) => Promise<Value>): Promise<Value> => {
    const handle = handleOf.get(keyholder)
    if (handle === undefined) throw new Error('a keyholder of another vault')
    return run(handle)
  }

  return {
    current: () => held(call('current')),
    create: () => held(call('create')),
    phrase: () => unbroken(call('phrase')),
    parse: (text) => call('parse', text),
    consider: (words, incarnation) => held(call('consider', words, incarnation)),
    adopt: (keyholder) => withHandle(keyholder, (handle) => unbroken(call('adopt', handle))),
    keepFormer: (keyholder) => withHandle(keyholder, (handle) => unbroken(call('keepFormer', handle))),
    former: async () => {
      const former = await unbroken(call('former'))
      return former.ok ? ok(former.value && holderOf(former.value)) : former
    },
    dropFormer: () => unbroken(call('dropFormer')),
    renewDevice: () => held(call('renewDevice')),
    verifyErasure: (proof) => call('verifyErasure', proof),
    verifyReceipt: (proof, receipt) => call('verifyReceipt', proof, receipt),
    erase: () => unbroken(call('erase'))
  }
}

/** A broken worker is a failure the app can show; what the vault itself threw stays thrown. */
const unbroken = async <Value>(called: Promise<Result<Value, VaultFailure>>): Promise<Result<Value, VaultFailure>> => {
  try {
    return await called
  } catch (thrown) {
    if (thrown instanceof ChannelBroken) return err({ kind: 'storage', reason: `vault worker: ${thrown.message}` })
    throw thrown
  }
}
