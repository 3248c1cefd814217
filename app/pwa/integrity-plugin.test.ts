import { expect, test } from 'vitest'
import { createIntegrityPlugin, integrityOf } from './integrity-plugin.ts'

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer
const origin = 'https://relay.example.org'

const used = async (cached: string | undefined, path = '/assets/a.js'): Promise<string | undefined> => {
  const plugin = createIntegrityPlugin([{ url: 'assets/a.js', integrity: await integrityOf(bytes('good')) }], origin)
  const answer = await plugin.cachedResponseWillBeUsed?.({
    cacheName: 'c',
    request: new Request(`${origin}${path}`),
    ...(cached === undefined ? {} : { cachedResponse: new Response(cached) }),
    event: undefined as never
  })
  return answer?.text()
}

test('the file of the build is used', async () => {
  expect(await used('good')).toBe('good')
})

test('another file under its name counts as missing', async () => {
  expect(await used('evil')).toBeUndefined()
})

test('what is not there stays not there, what is not of the build is left alone', async () => {
  expect(await used(undefined)).toBeUndefined()
  expect(await used('other', '/elsewhere.js')).toBe('other')
})

test('the digest is the one browsers compute', async () => {
  expect(await integrityOf(bytes(''))).toBe('sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb')
})
