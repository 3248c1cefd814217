import { expect, test } from 'vitest'
import { createWebServer } from './web-server.ts'

test('[WS2] who comes to a socket’s path without wanting one is told so', async () => {
  const server = createWebServer({
    assets: new Map(),
    tls: undefined,
    isTls: false,
    connectOrigins: [],
    hostContact: '',
    isReady: async () => true,
    metrics: { contentType: 'text/plain', render: async () => '' },
    metricsReaders: 'off'
  })
  for (const [path, status] of [
    ['/sealed', 426],
    ['/y/room', 426],
    ['/y/room/with/slashes', 426],
    ['/y/r%C3%A4ume?token=x', 426],
    ['/y', 404],
    ['/y/', 404]
  ] as const) {
    const { statusCode, headers } = await server.inject({ url: path })
    expect([path, statusCode, headers.upgrade]).toEqual([path, status, status === 426 ? 'websocket' : undefined])
  }
  await server.close()
})

const serveField = (field: (() => Promise<object | undefined>) | undefined) =>
  createWebServer({
    assets: new Map(),
    tls: undefined,
    isTls: false,
    connectOrigins: [],
    hostContact: '',
    isReady: async () => true,
    metrics: { contentType: 'text/plain', render: async () => '' },
    metricsReaders: 'off',
    field
  })

test('[FI11] the field is told to every origin, to be kept for a moment and asked for by its tag', async () => {
  let peopleNow = 2
  const server = serveField(async () => ({ peopleNow }))
  const first = await server.inject({ url: '/field' })
  expect([first.statusCode, first.json(), first.headers['cache-control']]).toEqual([
    200,
    { peopleNow: 2 },
    'public, max-age=5'
  ])
  expect(first.headers['access-control-allow-origin']).toBe('*')
  expect(first.headers.vary).toContain('accept')
  const ask = () => server.inject({ url: '/field', headers: { 'if-none-match': String(first.headers.etag) } })
  const same = await ask()
  expect([same.statusCode, same.body]).toEqual([304, ''])
  peopleNow = 3
  expect((await ask()).json()).toEqual({ peopleNow: 3 })
  await server.close()
})

test('[FI11] where there is no field, or it cannot be read, nothing is made up and nothing is kept', async () => {
  for (const [field, status] of [
    [undefined, 404],
    [async () => undefined, 503]
  ] as const) {
    const server = serveField(field)
    const { statusCode, headers } = await server.inject({ url: '/field' })
    expect([statusCode, headers['cache-control'], headers['retry-after']]).toEqual([
      status,
      'no-store',
      status === 503 ? '5' : undefined
    ])
    await server.close()
  }
})
