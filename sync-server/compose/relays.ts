import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { type SigningKey, sha256, verifyEd25519 } from '#server/auth/signatures.ts'
import { createVoucherCheck } from '#server/auth/voucher.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import type { Config } from '#server/config.ts'
import { type Load, watchLoad } from '#server/ops/load.ts'
import { createMetrics, type Metrics } from '#server/ops/metrics.ts'
import { createWorst } from '#server/ops/worst.ts'
import { createRelay } from '#server/rooms/relay.ts'
import type { Clock, Relay, RelayNews } from '#server/rooms/relay-ports.ts'
import type { SqliteLog } from '#server/storage/sqlite/sqlite-log.ts'
import { NO_OPEN_ROOMS } from './no-open-rooms.ts'
import { countSealedTraffic } from './sealed-traffic.ts'

export interface RelayParts {
  readonly config: Config
  readonly log: SqliteLog
  readonly keys: SigningKey
  readonly logger: Logger
  readonly clock: Clock
}

export interface Relays {
  readonly sealed: Relay
  readonly metrics: Metrics
  readonly load: Load
  /** Host texts that devices may dial: filled when the port is known. */
  readonly addresses: Set<string>
}

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes))

/** Both dialects over one store, one verdict of load and one set of metrics. */
export const createRelays = ({ config, log, keys, logger, clock }: RelayParts): Relays => {
  const onNews = (news: RelayNews): void => {
    if (news.kind === 'refused') metrics.countRefusal(news.name)
    else if (news.kind === 'closed') metrics.countClose(news.code)
    else if (news.kind === 'erased') metrics.countErasure()
    else if (news.kind === 'paused') metrics.countPause('sealed')
    else if (news.kind === 'committed') {
      metrics.observeCommit('sealed', news.pushes, news.ms)
      metrics.countPushes(news.pushes, news.bytes)
    } else if (news.kind === 'failed') {
      metrics.countFailure()
      logger.error({ reason: news.reason }, 'a request failed inside the relay')
    }
  }

  const addresses = new Set<string>()
  const bus = createMemoryBus()
  const { relay: sealed, counts } = countSealedTraffic(
    createRelay({
      log,
      bus,
      clock,
      random,
      verify: verifyEd25519,
      sha256,
      keys,
      addresses,
      limits: {
        connectionsPerAddress: config.connectionsPerAddress,
        frames: { perSecond: config.framesPerSecond, burst: config.framesPerSecond * 10 }
      },
      ...(config.admission.kind === 'voucher' ? { admit: createVoucherCheck(config.admission.vouchers) } : {}),
      backupDays: config.backupDays,
      isOverloaded: () => load.isOverloaded(),
      onNews
    })
  )

  const fanOutLag = createWorst()
  const load = watchLoad(() => {
    const waiting = sealed.waiting()
    return {
      queuedBytes: waiting.bytes,
      waitingMs: waiting.oldestAt === 0 ? 0 : clock.now() - waiting.oldestAt
    }
  })
  const metrics = createMetrics({
    sealed: counts,
    sealedQueue: sealed.waiting,
    open: NO_OPEN_ROOMS,
    openBufferedBytes: () => 0,
    behindSince: () => 0,
    fanOutLag,
    load,
    now: clock.now
  })
  return { sealed, metrics, load, addresses }
}
