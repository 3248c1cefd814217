import { afterAll, expect, test } from 'vitest'
import type { Shelf } from '#app/store/ports.ts'
import type { CallPort } from './channel.ts'
import { createVault } from './create-vault.ts'
import { createMemoryShelf } from './memory-shelf.ts'
import { createRemoteVault } from './remote-vault.ts'
import { vaultContract } from './vault.contract.ts'
import { JOURNAL, NEVER_SEEN, TEST_WORDS, value } from './vault.fixture.ts'
import { serveVault } from './worker.ts'

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
const ports: MessagePort[] = []
afterAll(() => {
  for (const port of ports) port.close()
})

const openRemote = (shelf: Shelf) => {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  serveVault(port2, createVault({ shelf, crypto, random }))
  return createRemoteVault(port1)
}

vaultContract('behind a message port', openRemote)

/** A worker that takes calls and then dies. */
const dyingWorker = () => {
  const target = new EventTarget()
  const port: CallPort = { postMessage: () => undefined, addEventListener: target.addEventListener.bind(target) }
  return { port, die: () => target.dispatchEvent(new Event('error')) }
}

test('a worker that dies fails the calls under way and all later ones', async () => {
  const { port, die } = dyingWorker()
  const vault = createRemoteVault(port)
  const underWay = vault.create()
  die()
  const failure = { ok: false, error: { kind: 'storage', reason: 'vault worker: error' } }
  expect(await underWay).toEqual(failure)
  expect(await vault.current()).toEqual(failure)
  await expect(vault.parse('abandon')).rejects.toThrow('error')
})

test('what the vault throws is thrown here, and the next call works', async () => {
  const vault = openRemote(createMemoryShelf())
  await expect(vault.consider(['not', 'a', 'phrase'], 0)).rejects.toThrow()
  expect((await vault.consider(TEST_WORDS, 0)).ok).toBe(true)
  const stranger = value(await openRemote(createMemoryShelf()).create())
  await expect(vault.adopt(stranger)).rejects.toThrow('another vault')
})

test('a part that cannot be cloned is refused before anything is sent', async () => {
  const vault = openRemote(createMemoryShelf())
  const alice = value(await vault.create())
  const request = { kind: 1, counter: 1, prev: new Uint8Array(16), seen: NEVER_SEEN, body: (() => 1) as never } as const
  await expect(alice.seal(await alice.shard(JOURNAL), request)).rejects.toThrow()
  expect((await vault.phrase()).ok).toBe(true)
})
