import { expect, test } from 'vitest'
import type { Shelf } from '#app/store/ports.ts'
import { createVault } from './create-vault.ts'
import { deflateBody, inflateBody, streamCompression } from './deflate.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import { createRemoteVault } from './remote-vault.ts'
import { vaultContract } from './vault.contract.ts'
import { value } from './vault.fixture.ts'
import { serveVault } from './worker.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
const openDirect = (shelf: Shelf) => createVault({ shelf, crypto, random })

vaultContract('in a browser', openDirect)
vaultContract('in a browser, behind a message port', (shelf) => {
  const { port1, port2 } = new MessageChannel()
  serveVault(port2, openDirect(shelf))
  return createRemoteVault(port1)
})

test('[KY4] this browser guards the device key itself', async () => {
  expect(value(await openDirect(createMemoryShelf()).create()).deviceKeyGuard).toBe('browser')
})

test('[SE7] a bomb is read no further than its bound', async () => {
  const zeros = await streamCompression.deflate(new Uint8Array(50_000_000))
  expect(await inflateBody(streamCompression, zeros)).toBeUndefined()
  const text = new TextEncoder().encode('breath in, breath out, '.repeat(6))
  const deflated = await deflateBody(streamCompression, text)
  expect(deflated && (await inflateBody(streamCompression, deflated))).toEqual(text)
  expect(deflated && (await inflateBody(streamCompression, new Uint8Array([...deflated, 0])))).toBeUndefined()
})
