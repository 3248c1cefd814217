import { createHash } from 'node:crypto'
import type { Server } from 'node:http'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { GRID_SECONDS } from '#core/field.ts'
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
  /** What is told at `/field`; undefined while it is not to be had. Absent where this relay has no field. */
  readonly field?: (() => Promise<object | undefined>) | undefined
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

/** As long as a published count stands for. */
const FIELD_MAX_AGE = `public, max-age=${GRID_SECONDS}`

const sendField = async (
  request: FastifyRequest,
  reply: FastifyReply,
  read: WebServerOptions['field']
): Promise<FastifyReply> => {
  reply.header('vary', 'accept').header('access-control-allow-origin', '*')
  if (read === undefined) return reply.code(404).header('cache-control', 'no-store').send('This relay has no field\n')
  const told = await read()
  if (told === undefined) {
    return reply.code(503).header('cache-control', 'no-store').header('retry-after', '5').send('Not to be had now\n')
  }
  const body = JSON.stringify(told)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  reply.header('cache-control', FIELD_MAX_AGE).header('etag', etag)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type('application/json').send(body)
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
  app.get('/field', async (request, reply) => {
    // The same address is a place in the app: a browser that navigates asks for a page.
    const page = (request.headers.accept ?? '').includes('text/html') ? assets.get('/index.html') : undefined
    if (page !== undefined) return sendAsset(request, reply, page).header('vary', 'accept, accept-encoding')
    return sendField(request, reply, options.field)
  })
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
