import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { type SigningKey, sha256, verifyEd25519 } from '#server/auth/signatures.ts'
import { createVoucherCheck } from '#server/auth/voucher.ts'
import type { CountedBus } from '#server/bus/bus-parts.ts'
import type { Config } from '#server/config.ts'
import type { Field } from '#server/field/ports.ts'
import type { ServedSockets, WebSocketNews } from '#server/http/web-socket-server.ts'
import { createWorkerMerger } from '#server/merge/worker-merger.ts'
import { type Load, watchLoad } from '#server/ops/load.ts'
import { createMetrics, type Metrics } from '#server/ops/metrics.ts'
import { createWorst } from '#server/ops/worst.ts'
import type { OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import { createRelay } from '#server/rooms/relay.ts'
import type { Clock, Relay, RelayNews } from '#server/rooms/relay-ports.ts'
import { logConnections } from './connection-log.ts'
import { createMemoryReturn, exposedCollection } from './memory-return.ts'
import { createOpenRooms } from './open-rooms.ts'
import type { RelayStore } from './relay-store.ts'
import { countSealedTraffic } from './sealed-traffic.ts'

export interface RelayParts {
  readonly config: Config
  readonly store: RelayStore
  readonly bus: CountedBus
  readonly keys: SigningKey
  /** Signs tokens of open rooms. */
  readonly openRoomsSecret: string
  readonly logger: Logger
  readonly clock: Clock
}

export interface Relays {
  readonly sealed: Relay
  readonly open: OpenRelay
  /** Absent where there are no open rooms. */
  readonly field: Field | undefined
  readonly metrics: Metrics
  readonly load: Load
  /** Host texts that devices may dial: filled when the port is known. */
  readonly addresses: Set<string>
  /** Pages of this relay: filled when the port is known. */
  readonly ownOrigins: Set<string>
  /** What the sockets hold, for the metrics: known when they are served. */
  watchSockets(readings: Pick<ServedSockets, 'bufferedBytes' | 'receptionBytes'>): void
  onSocketNews(news: WebSocketNews): void
  /** What was taken is on the disk, and every socket was told to come back later. */
  drain(retryAfterMs: number): Promise<void>
}

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))

/** Both dialects over one store, one verdict of load and one set of metrics. */
export const createRelays = (parts: RelayParts): Relays => {
  const { config, store, bus, keys, logger, clock } = parts
  const onNews = (news: RelayNews): void => {
    if (news.kind === 'refused') metrics.countRefusal(news.name)
    else if (news.kind === 'closed') metrics.countClose(news.code)
    else if (news.kind === 'erased') metrics.countErasure()
    else if (news.kind === 'paused') metrics.countPause('frame')
    else if (news.kind === 'committed') {
      metrics.observeCommit('sealed', news.pushes, news.ms)
      metrics.countPushes(news.pushes, news.bytes)
    } else if (news.kind === 'failed') {
      metrics.countFailure()
      logger.error({ reason: news.reason }, 'a request failed inside the relay')
    }
  }

  const addresses = new Set<string>()
  const { relay, counts } = countSealedTraffic(
    createRelay({
      log: store,
      bus,
      isShared: store.isShared,
      clock,
      random,
      verify: verifyEd25519,
      sha256,
      keys,
      addresses,
      limits: {
        connectionsPerAddress: config.connectionsPerAddress,
        // As open rooms: a timer may be late by one, ten in all.
        commitWindowMs: 9,
        frames: { perSecond: config.framesPerSecond, burst: config.framesPerSecond * 10 }
      },
      ...(config.admission.kind === 'voucher' ? { admit: createVoucherCheck(config.admission.vouchers) } : {}),
      backupDays: config.backupDays,
      isOverloaded: () => load.isOverloaded(),
      onNews
    })
  )

  const sealed: Relay = { ...relay, connect: logConnections(logger, () => ({ endpoint: 'sealed' }), relay.connect) }

  const ownOrigins = new Set<string>()
  const merger = createWorkerMerger()
  const open = createOpenRooms({
    config,
    updates: store.updates,
    isShared: store.isShared,
    secret: parts.openRoomsSecret,
    merger,
    bus,
    clock,
    random,
    logger,
    isOverloaded: () => load.isOverloaded(),
    ownOrigins,
    observeCommit: (...given) => metrics.observeCommit(...given)
  })
  const { counters } = open

  let sockets: Parameters<Relays['watchSockets']>[0] | undefined
  const ageOf = (at: number): number => (at === 0 ? 0 : clock.now() - at)
  const fanOutLag = createWorst()
  const collect = exposedCollection()
  const memory = createMemoryReturn(() => {
    collect()
    // A store that has ended is told of elsewhere.
    store.rest().catch(() => {})
  })
  const load = watchLoad(
    () => {
      const waiting = sealed.waiting()
      return {
        queuedBytes: waiting.bytes + counters.queuedBytes + counters.waitingBytes,
        waitingMs: Math.max(ageOf(waiting.oldestAt), ageOf(counters.oldestAt))
      }
    },
    () => {
      fanOutLag.add(counters.lagMsMax)
      counters.lagMsMax = 0
      memory.look(counts.connections + counters.connections)
    }
  )
  const metrics = createMetrics({
    sealed: counts,
    bus,
    sealedQueue: sealed.waiting,
    open: counters,
    sockets: () => sockets,
    fanOutLag,
    load,
    now: clock.now
  })
  return {
    sealed,
    open,
    field: open.field,
    metrics,
    load,
    addresses,
    ownOrigins,
    watchSockets(readings) {
      sockets = readings
    },
    onSocketNews(news) {
      if (news.kind === 'broken') metrics.countBroken(news.code)
      else {
        metrics.countRefusedHandshake(news.status)
        if (news.status === 429 || news.status === 503) metrics.countPause('door')
      }
    },
    async drain(retryAfterMs) {
      await Promise.all([sealed.drain(retryAfterMs), open.drain()])
      load.stop()
      await merger.close()
    }
  }
}
