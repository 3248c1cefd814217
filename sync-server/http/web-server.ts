import type { Server } from 'node:http'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { mayReadMetrics } from '#server/ops/metrics-readers.ts'
import type { Asset } from './assets.ts'
import { type HeaderOptions, securityHeaders } from './headers.ts'

export interface WebServerOptions extends HeaderOptions {
  readonly assets: ReadonlyMap<string, Asset>
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly isReady: () => Promise<boolean>
  /** How people reach whoever runs this relay; empty = not told. */
  readonly hostContact: string
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
  readonly metricsReaders: 'off' | 'local' | 'public'
}

const accepts = (request: FastifyRequest, coding: string): boolean =>
  (request.headers['accept-encoding'] ?? '').split(',').some((each) => {
    const [name, weight] = each.trim().split(';')
    return name === coding && weight?.replaceAll(' ', '') !== 'q=0'
  })

const chooseBody = (request: FastifyRequest, asset: Asset): { readonly body: Buffer; readonly coding?: string } => {
  if (asset.brotli !== undefined && accepts(request, 'br')) return { body: asset.brotli, coding: 'br' }
  if (asset.gzip !== undefined && accepts(request, 'gzip')) return { body: asset.gzip, coding: 'gzip' }
  return { body: asset.plain }
}

const sendAsset = (request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply => {
  reply.header('cache-control', asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  reply.header('etag', asset.etag).header('vary', 'accept-encoding')
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send()
  const { body, coding } = chooseBody(request, asset)
  if (coding !== undefined) reply.header('content-encoding', coding)
  return reply.type(asset.type).send(body)
}

/** A place inside the app (a deep link), as against a file that is not there. */
const isPlace = (path: string): boolean => !/\.[a-z0-9]+$/i.test(path) && !path.startsWith('/assets/')

const NOT_BUILT = 'The app is not built yet. Run: npm run build'

const decodePath = (url: string): string | undefined => {
  try {
    return decodeURIComponent(url.split('?')[0] ?? '')
  } catch {
    return undefined
  }
}

/** HTTP without the sockets: the app, and what a host's tools ask. */
export const createWebServer = (options: WebServerOptions): FastifyInstance<Server> => {
  const { assets, tls, isReady, metrics } = options
  const bounds = {
    bodyLimit: 1_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true
  } as const
  const app = (tls === undefined
    ? fastify({ ...bounds })
    : fastify({ ...bounds, https: { cert: tls.cert, key: tls.key } })) as unknown as FastifyInstance<Server>
  // Who dribbles headers in byte by byte holds a socket for this long.
  app.server.headersTimeout = 10_000
  const headers = securityHeaders(options)
  app.addHook('onRequest', async (_, reply) => {
    reply.headers(headers)
  })

  app.get('/healthz', (_, reply) => reply.header('cache-control', 'no-store').send('ok\n'))
  app.get('/readyz', async (_, reply) => {
    const ready = await isReady()
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(ready ? 'ready\n' : 'not ready\n')
  })
  app.get('/metrics', async ({ headers: given, socket }, reply) => {
    if (!mayReadMetrics(options.metricsReaders, { remoteAddress: socket.remoteAddress, headers: given })) {
      return reply.code(404).send('Not found\n')
    }
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.render())
  })
  // For the app of any relay: a person's app may come from one relay and keep its journal on another.
  app.get('/about.json', (_, reply) =>
    reply
      .header('cache-control', 'no-cache')
      .header('access-control-allow-origin', '*')
      .send({ contact: options.hostContact === '' ? null : options.hostContact })
  )
  for (const path of ['/sealed', '/y/:room', '/y/:room/*']) {
    app.get(path, (_, reply) => reply.code(426).header('upgrade', 'websocket').send('WebSocket only\n'))
  }
  // A room without a name is no place in the app.
  for (const path of ['/y', '/y/']) app.get(path, (_, reply) => reply.code(404).send('Not found\n'))
  app.get('/*', (request, reply) => {
    const path = decodePath(request.url)
    const asset =
      path === undefined ? undefined : (assets.get(path) ?? (isPlace(path) ? assets.get('/index.html') : undefined))
    if (asset !== undefined) return sendAsset(request, reply, asset)
    return assets.size === 0 ? reply.code(503).send(NOT_BUILT) : reply.code(404).send('Not found\n')
  })
  return app
}
