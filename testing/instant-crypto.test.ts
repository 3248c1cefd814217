import { expect, test } from 'vitest'
import type { Shelf } from '#app/store/ports.ts'
import { createVault } from '#app/vault/create-vault.ts'
import { createMemoryShelf } from '#app/vault/memory-shelf.ts'
import { vaultContract } from '#app/vault/vault.contract.ts'
import { bytesToHex } from '#core/bytes.ts'
import { createInstantCrypto } from './instant-crypto.ts'
import { createRandom } from './random.ts'

const vaultFrom = (seed: number) => {
  const random = createRandom(seed)
  const crypto = createInstantCrypto(random)
  return (shelf: Shelf) => createVault({ shelf, crypto, random: random.bytes })
}

vaultContract('instant crypto', vaultFrom(1))

test('the same seed makes the same phrase, device and sealed bytes', async () => {
  const run = async (seed: number): Promise<readonly string[]> => {
    const made = await vaultFrom(seed)(createMemoryShelf()).create()
    if (!made.ok) throw new Error(made.error.kind)
    const { root, device, seal, shard } = made.value
    const zeros = new Uint8Array(16)
    const seen = { relay: new Uint8Array(4), seq: 0 as never, hash: zeros }
    const sealed = await seal(await shard('library' as never), { kind: 1, counter: 2, prev: zeros, seen, body: zeros })
    return [root, device, bytesToHex(sealed.bytes)]
  }
  expect(await run(7)).toEqual(await run(7))
  expect(await run(8)).not.toEqual(await run(7))
})
