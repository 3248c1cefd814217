import { expect, test } from 'vitest'
import { createHostPort } from './host-port.ts'

const page = 'https://council.example'
const told = async (body: unknown, status = 200): Promise<string | null> =>
  createHostPort({ page, fetch: async () => new Response(JSON.stringify(body), { status }) }).contact('relay.example')

test('a host is asked over http where the relay speaks ws, and at its own port', async () => {
  const asked: string[] = []
  const port = createHostPort({
    page,
    fetch: async (url) => {
      asked.push(url)
      return new Response('{"contact":" anna@council.example "}')
    }
  })
  expect(await port.contact('relay.example')).toBe('anna@council.example')
  expect(await port.contact('ws://localhost:8080')).toBe('anna@council.example')
  expect(asked).toEqual(['https://relay.example/about.json', 'http://localhost:8080/about.json'])
})

test('whatever a relay answers, nothing is thrown and nothing overlong is shown', async () => {
  expect(await told({ contact: null })).toBe(null)
  expect(await told({ contact: { html: '<b>' } })).toBe(null)
  expect(await told(null)).toBe(null)
  expect(await told('words')).toBe(null)
  expect(await told({ contact: 'x' }, 404)).toBe(null)
  expect(await told({ contact: 'x'.repeat(5_000) })).toHaveLength(300)
  const away = createHostPort({ page, fetch: () => Promise.reject(new TypeError('Failed to fetch')) })
  expect(await away.contact('relay.example')).toBe(null)
  expect(await away.contact('not an address')).toBe(null)
})
