import { readFileSync } from 'node:fs'
import process from 'node:process'
import { pino } from 'pino'
import { newSigningKeyPem, signingKeyFromPem } from '#server/auth/signatures.ts'
import { machineClock } from '#server/compose/machine-clock.ts'
import { openBus } from '#server/compose/open-bus.ts'
import { openRelayStore, type RelayStore } from '#server/compose/relay-store.ts'
import { createRelays } from '#server/compose/relays.ts'
import { type Config, parseConfig } from '#server/config.ts'
import { ownAddresses, startLines } from '#server/http/addresses.ts'
import { loadAssets } from '#server/http/assets.ts'
import { lastWords } from '#server/http/last-words.ts'
import { createWebServer } from '#server/http/web-server.ts'
import { serveWebSockets } from '#server/http/web-socket-server.ts'
import { createProbe } from '#server/ops/answers-in-time.ts'
import { openRoomsSecret } from '#server/ops/key-file.ts'

/** Composition root: the one place where the relay's parts, the machine's clock and its randomness meet. */

const DAY_MS = 86_400_000
const PURGE_EVERY_MS = 3_600_000
const DRAIN_RETRY_MS = 1_000
/** A probe gives up after a second or two by habit. */
const READY_WITHIN_MS = 800
/** A host's supervisor kills after ten seconds by habit. */
const DRAIN_LIMIT_MS = 8_000

/** A setting is wrong: starting again will not help. Something this relay needs is away: it may. */
const EXIT_WRONG = 2
const EXIT_LATER = 1

/** Says why in one line and ends: nothing was started that others rely on. */
const refuseToStart = (reason: string, code = EXIT_WRONG): never => {
  console.error(`sacred-council: ${reason}`)
  process.exit(code)
}

const orRefuse = async <Value>(what: string, run: () => Value | Promise<Value>): Promise<Value> => {
  try {
    return await run()
  } catch (cause) {
    return refuseToStart(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

const openStore = async (config: Config): Promise<RelayStore> => {
  const { store, rootBytes, roomBytes, storeBytes } = config
  const opened = await openRelayStore({
    config: store,
    now: machineClock.now,
    rootBytes,
    roomBytes,
    storeBytes,
    report: (line) => logger.warn(line)
  })
  if (opened.ok) return opened.value
  const { line, isAway } = opened.error
  return refuseToStart(`DATABASE_URL: ${line}`, isAway ? EXIT_LATER : EXIT_WRONG)
}

const closeStore = async (): Promise<void> => {
  await bus.close()
  await store.close()
}

const readTls = (config: Config) =>
  config.tls && { cert: readFileSync(config.tls.certPath, 'utf8'), key: readFileSync(config.tls.keyPath, 'utf8') }

let draining = false
const parsed = parseConfig(process.env, process.argv.slice(2))
const config = parsed.ok ? parsed.value : refuseToStart(parsed.error)
const logger = pino({ level: config.logLevel, base: null }, pino.destination({ dest: 2, sync: true }))
const tls = await orRefuse('TLS_CERT or TLS_KEY cannot be read', () => readTls(config))
const assets = await loadAssets(config.appPath)
const store = await openStore(config)
const bus = openBus(config.bus, logger)
// A relay that can keep nothing is no relay: whoever watches over it starts it again.
void store.failed.then((reason) => {
  if (draining) return
  logger.fatal({ reason }, 'the store has stopped')
  process.exit(1)
})
const keys = await orRefuse('relay-key.pem', async () =>
  signingKeyFromPem(await store.secret('relay-key.pem', newSigningKeyPem))
)
const secret = await orRefuse('OPEN_ROOMS', async () => config.openRooms.secret ?? (await openRoomsSecret(store)))

const relays = createRelays({ config, store, bus, keys, openRoomsSecret: secret, logger, clock: machineClock })

const isStoreWell = createProbe(() => store.usage(1), READY_WITHIN_MS)
const furtherOrigins = new Set(config.connectOrigins)
const web = await orRefuse('TLS_CERT or TLS_KEY is not valid', () =>
  createWebServer({
    assets,
    tls,
    isTls: tls !== undefined,
    connectOrigins: config.connectOrigins,
    hostContact: config.hostContact,
    metrics: relays.metrics,
    metricsReaders: config.metrics,
    field: relays.field && (() => relays.field?.summary() ?? Promise.resolve(undefined)),
    isReady: async () => !draining && (await isStoreWell())
  })
)
const sockets = serveWebSockets(web.server, {
  relay: relays.sealed,
  openRelay: relays.open,
  trustProxy: config.trustProxy,
  isAllowedOrigin: (origin) => relays.ownOrigins.has(origin) || furtherOrigins.has(origin),
  after: machineClock.after,
  random: Math.random,
  isOverloaded: () => draining || relays.load.isOverloaded(),
  // The relays' own bounds come first: they close with a code that a page can read. A flood is refused before it is anything.
  limits: { connectionsPerAddress: config.connectionsPerAddress * 2 },
  onNews: relays.onSocketNews
})
relays.watchSockets(sockets)

try {
  await web.listen({ host: config.host, port: config.port })
} catch (cause) {
  const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
  await closeStore()
  refuseToStart(
    inUse ? `port ${config.port} on ${config.host} is in use` : `cannot listen on ${config.host}: ${String(cause)}`
  )
}

const bound = web.server.address()
const own = ownAddresses(
  config,
  tls !== undefined,
  typeof bound === 'object' && bound !== null ? bound.port : config.port
)
for (const url of own.accepted) {
  relays.addresses.add(url.host)
  relays.ownOrigins.add(url.origin)
}
for (const line of startLines(own, config, assets.size > 0)) console.log(line)

const purge = (): void => {
  store.purge(machineClock.now() - config.graveyardDays * DAY_MS).then(
    (rows) => rows > 0 && logger.info({ rows }, 'superseded entries purged'),
    (cause: unknown) => logger.error({ reason: String(cause) }, 'purge failed')
  )
}
const purging = setInterval(purge, PURGE_EVERY_MS)
purging.unref()
purge()

const stop = async (): Promise<void> => {
  // A terminal's Ctrl-C arrives twice, from the terminal and from npm: leaving in order has its own time limit.
  if (draining) return
  draining = true
  setTimeout(() => process.exit(1), DRAIN_LIMIT_MS).unref()
  await relays.drain(DRAIN_RETRY_MS)
  await lastWords(web.server)
  sockets.stop()
  await web.close()
  await closeStore()
  process.exit(0)
}
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())
process.on('SIGHUP', () => {
  try {
    const fresh = readTls(config)
    if (fresh !== undefined && 'setSecureContext' in web.server) {
      ;(web.server as unknown as { setSecureContext(given: typeof fresh): void }).setSecureContext(fresh)
    }
    logger.info('certificate read again')
  } catch (cause) {
    logger.error({ reason: String(cause) }, 'the new certificate cannot be used; the old one stays')
  }
})
