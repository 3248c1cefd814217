import { expect, test } from 'vitest'
import type { Shelf } from '#app/store/ports.ts'
import { createVault } from './create-vault.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import { vaultContract } from './vault.contract.ts'
import { bytesOf, twoDevices, updatesOf, value, writeLines } from './vault.fixture.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))

/** As an older browser: everything but Ed25519. */
const withoutEd25519 = {
  subtle: new Proxy(crypto.subtle, {
    get: (subtle, name) => {
      const method = Reflect.get(subtle, name)
      return (...parts: unknown[]) =>
        parts.includes('Ed25519')
          ? Promise.reject(new DOMException('Unrecognized name', 'NotSupportedError'))
          : Reflect.apply(method, subtle, parts)
    }
  })
}

const openNative = (shelf: Shelf) => createVault({ shelf, crypto, random })
const openLibrary = (shelf: Shelf) => createVault({ shelf, crypto: withoutEd25519, random })

vaultContract('the browser signs', openNative)
vaultContract('a library signs', openLibrary)

test('[KY4] the device key cannot be read where the browser can guard it, and the vault says where it cannot', async () => {
  const shelf = createMemoryShelf()
  const native = value(await openNative(shelf).create())
  expect(native.deviceKeyGuard).toBe('browser')
  const kept = shelf.values.get('vault/current') as { device: { privateKey: CryptoKey }; wrappingKey: CryptoKey }
  expect(kept.device.privateKey.extractable).toBe(false)
  expect(kept.wrappingKey.extractable).toBe(false)
  expect(value(await openLibrary(createMemoryShelf()).create()).deviceKeyGuard).toBe('wrapped')
})

test('a browser that signs itself and one that uses the library read each other', async () => {
  const { alice, shard } = await twoDevices(openNative)
  const library = await twoDevices(openLibrary)
  const log = await writeLines(alice, shard, ['one'])
  const first = openNative(createMemoryShelf())
  value(await first.adopt(value(await first.consider(TEST, 0))))
  const second = value(await openLibrary(createMemoryShelf()).consider(TEST, 0))
  const mine = value(await first.current())
  const place = await mine.shard('library' as never)
  expect(updatesOf(await second.open(place, [], bytesOf(await writeLines(mine, place, ['one']))))).toEqual(['one'])
  expect(updatesOf(await mine.open(place, [], bytesOf(await writeLines(second, place, ['two']))))).toEqual(['two'])
  expect(updatesOf(await library.bob.open(shard, [], bytesOf(log)))).toEqual([])
})

test('[KY4] a browser whose keys cannot be kept in a database signs by the library', async () => {
  const unclonable = { privateKey: () => undefined, publicKey: () => undefined }
  const subtle = new Proxy(crypto.subtle, {
    get: (target, name) => {
      const method = Reflect.get(target, name)
      return (...parts: unknown[]) =>
        name === 'generateKey' && parts[0] === 'Ed25519' ? unclonable : Reflect.apply(method, target, parts)
    }
  })
  const vault = createVault({ shelf: createMemoryShelf(), crypto: { subtle }, random })
  expect(value(await vault.create()).deviceKeyGuard).toBe('wrapped')
})

test('over plain http there is no WebCrypto, and the vault says so', async () => {
  const vault = createVault({ shelf: createMemoryShelf(), crypto: {}, random })
  expect(await vault.create()).toEqual({ ok: false, error: { kind: 'insecure-context' } })
  expect(await vault.current()).toEqual({ ok: false, error: { kind: 'insecure-context' } })
})

const TEST = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ')
