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
