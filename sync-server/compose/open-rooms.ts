import type { Logger } from 'pino'
import { createOpenAdmission } from '#server/auth/open-admission.ts'
import { type Config, isLoopback } from '#server/config.ts'
import { createField } from '#server/field/field.ts'
import type { Field } from '#server/field/ports.ts'
import type { Metrics } from '#server/ops/metrics.ts'
import { createRarely } from '#server/ops/rarely.ts'
import { createRoomTag } from '#server/ops/room-tag.ts'
import { parseRoomName } from '#server/protocol/open/room-name.ts'
import { createOpenRelay } from '#server/rooms/open/open-relay.ts'
import type { OpenNews, OpenRelay } from '#server/rooms/open/open-relay-ports.ts'
import type { Merger, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'
import type { Clock } from '#server/rooms/relay-ports.ts'
import { logConnections } from './connection-log.ts'

export interface OpenRoomsParts {
  readonly config: Config
  readonly updates: UpdateLog
  /** Signs tokens and tags. */
  readonly secret: string
  /** Whether other relays write to the same store. */
  readonly isShared: boolean
  readonly merger: Merger
  readonly bus: Bus
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly logger: Logger
  readonly isOverloaded: () => boolean
  /** Pages of this relay's own addresses: known when the port is. */
  readonly ownOrigins: ReadonlySet<string>
  readonly observeCommit: Metrics['observeCommit']
}

const FAILURE_LINES_PER_SECOND = 5

/** Pages from elsewhere need a token; this machine's own programs in development come from a loopback page. */
const createOriginCheck = (config: Config, own: ReadonlySet<string>): ((origin: string) => boolean) => {
  const { origins } = config.openRooms
  if (origins === '*') return () => true
  const further = new Set([...config.connectOrigins, ...origins])
  return (origin) =>
    own.has(origin) ||
    further.has(origin) ||
    (URL.canParse(origin) && isLoopback(new URL(origin).hostname) && /^https?:/.test(origin))
}

/** Commits as the store's clock sees them: from being asked to being durable. */
const observed = (updates: UpdateLog, clock: Clock, observe: Metrics['observeCommit']): UpdateLog => ({
  ...updates,
  async append(batch) {
    const began = clock.now()
    const answers = await updates.append(batch)
    observe('open', batch.length, clock.now() - began)
    return answers
  }
})

export interface ServedOpenRooms extends OpenRelay {
  /** Absent where there are no open rooms. */
  readonly field: Field | undefined
}

export const createOpenRooms = (parts: OpenRoomsParts): ServedOpenRooms => {
  const { config, clock, logger, secret } = parts
  const tag = createRoomTag(secret)
  const admission = createOpenAdmission({
    policy: config.openRooms.policy,
    secret,
    isAllowedOrigin: createOriginCheck(config, parts.ownOrigins),
    now: clock.now
  })
  const rarely = createRarely(FAILURE_LINES_PER_SECOND, clock.now)
  const onNews = ({ room, reason }: OpenNews): void =>
    rarely((leftOut) => logger.error({ room: tag(room), reason, leftOut }, 'an open room could not be served'))

  const field =
    config.openRooms.policy === 'off'
      ? undefined
      : createField({
          clock,
          random: parts.random,
          enter: (socket, room) => relay.enterInside(socket, room),
          mostPerAddress: config.connectionsPerAddress
        })
  const relay: OpenRelay = createOpenRelay({
    log: observed(parts.updates, clock, parts.observeCommit),
    merger: parts.merger,
    bus: parts.bus,
    isShared: parts.isShared,
    clock,
    random: parts.random,
    admit: admission,
    limits: {
      connectionsPerAddress: config.connectionsPerAddress,
      openingsPerAddress: config.connectionsPerAddress * 4,
      roomBytes: config.roomBytes
    },
    isOverloaded: parts.isOverloaded,
    onNews,
    onReport: (report) => field?.report(report)
  })
  const tagOf = (path: string): string => {
    const name = parseRoomName(path)
    return tag(name.ok ? name.value : path)
  }
  const connect = logConnections(logger, ({ path }) => ({ endpoint: 'open', room: tagOf(path) }), relay.connect)
  return {
    ...relay,
    connect,
    field,
    async drain() {
      // Its last sums are committed with what else was taken.
      field?.stop()
      await relay.drain()
    }
  }
}
