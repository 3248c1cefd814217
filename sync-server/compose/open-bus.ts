import type { Logger } from 'pino'
import type { BusNews, CountedBus } from '#server/bus/bus-parts.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { createNatsBus } from '#server/bus/nats/nats-bus.ts'
import { createPostgresBus } from '#server/bus/postgres/postgres-bus.ts'
import type { BusConfig } from '#server/config-store.ts'

/** Never waits for a broker: a relay works without one, only slower. */
export const openBus = (config: BusConfig, logger: Logger): CountedBus => {
  const report = (news: BusNews): void => {
    if (news.kind === 'there') logger.info('the bus is there: other relays are heard at once')
    else if (news.kind === 'away')
      logger.warn({ reason: news.reason }, 'the bus is away: the store is asked every second instead')
    else logger.error({ reason: news.reason }, 'a message of another relay could not be taken')
  }
  if (config.kind === 'nats') return createNatsBus({ url: config.url, report })
  if (config.kind === 'postgres') return createPostgresBus({ url: config.url, report })
  return createMemoryBus({ report })
}
