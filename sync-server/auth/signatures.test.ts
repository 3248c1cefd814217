import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { newSigningKeyPem, signingKeyFromPem, verifyEd25519 } from './signatures.ts'

const makeSigner = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(12))
  return { key, sign: (text: string) => new Uint8Array(sign(null, Buffer.from(text), privateKey)) }
}
const bytes = (text: string) => new TextEncoder().encode(text)

test('a signature counts for its key and message alone, the first time and any later one', async () => {
  const [alice, bob] = [makeSigner(), makeSigner()]
  const signature = alice.sign('hello')
  for (let time = 0; time < 3; time++) {
    expect(await verifyEd25519(alice.key, bytes('hello'), signature)).toBe(true)
    expect(await verifyEd25519(alice.key, bytes('hello!'), signature)).toBe(false)
    expect(await verifyEd25519(bob.key, bytes('hello'), signature)).toBe(false)
    expect(await verifyEd25519(bob.key, bytes('hello'), bob.sign('hello'))).toBe(true)
  }
})

test('a key is known by its bytes, not by the buffer they came in', async () => {
  const [alice, bob] = [makeSigner(), makeSigner()]
  const buffer = new Uint8Array(40)
  buffer.set(alice.key, 4)
  const view = buffer.subarray(4, 36)
  expect(await verifyEd25519(view, bytes('hello'), alice.sign('hello'))).toBe(true)
  buffer.set(bob.key, 4)
  expect(await verifyEd25519(view, bytes('hello'), alice.sign('hello'))).toBe(false)
  expect(await verifyEd25519(view, bytes('hello'), bob.sign('hello'))).toBe(true)
})

test('what is no key and what is no signature is false', async () => {
  const { key, sign: signText } = makeSigner()
  for (const wrong of [new Uint8Array(), key.subarray(1), new Uint8Array([...key, 1])]) {
    expect(await verifyEd25519(wrong, bytes('hello'), signText('hello'))).toBe(false)
  }
  for (const wrong of [new Uint8Array(), new Uint8Array(64), signText('hello').subarray(1)]) {
    expect(await verifyEd25519(key, bytes('hello'), wrong)).toBe(false)
  }
})

test('the relay signs what its public key confirms', async () => {
  const keys = signingKeyFromPem(newSigningKeyPem())
  expect(await verifyEd25519(keys.publicKey, bytes('receipt'), await keys.sign(bytes('receipt')))).toBe(true)
})
