import type { ErasureProof } from '#core/certificate.ts'
import type { Event } from '#server/protocol/events.ts'
import type { Connection } from '#server/protocol/state.ts'
import { type Across, createAcross } from './across.ts'
import { type Audience, createAudience } from './audience.ts'
import { createNeighbours } from './neighbours.ts'
import { createPresence, type Presence } from './presence.ts'
import type { RelayLimits, RelayOptions } from './relay-ports.ts'
import { createShardFollowing } from './shard-following.ts'

/** Who listens to what, and all that reaches them from elsewhere: presence, and what other relays of the same store did. */
export interface Listening<Line> {
  readonly audience: Audience<Line>
  readonly presence: Presence<Line>
  /** Absent where this is the store's only relay. */
  readonly across: Across | undefined
  /** Tells everybody who has it open. */
  tellErased(proof: ErasureProof): void
}

export interface ListeningParts<Line> {
  readonly limits: RelayLimits
  readonly lines: ReadonlySet<Line>
  readonly feed: (line: Line, event: Event) => void
  readonly isHalted: () => boolean
}

export const createListening = <Line extends { readonly state: Connection }>(
  options: RelayOptions,
  { limits, lines, feed, isHalted }: ListeningParts<Line>
): Listening<Line> => {
  const { log, bus, clock, random, sha256, isShared = false, onNews = () => {} } = options
  const onFailed = (reason: string): void => onNews({ kind: 'failed', reason })

  const following = createShardFollowing({
    log,
    sha256,
    pageBytes: limits.pageBytes,
    isHalted,
    tell({ root, shard }, entries) {
      const event = { kind: 'published', root, shard, entries, own: false, shared: new Map() } as const
      for (const line of audience.listeners(root, shard)) feed(line, event)
    },
    hint({ root, shard }, seq) {
      for (const line of audience.listeners(root, shard)) feed(line, { kind: 'hint', root, shard, seq })
    },
    onFailed
  })

  const neighbours = isShared
    ? createNeighbours({
        bus,
        clock,
        origin: random(8),
        topic: 'sealed relays',
        onGone: (origin) => audience.gone(origin),
        onReturn: () => audience.tellAgain()
      })
    : undefined

  const audience: Audience<Line> = createAudience<Line>(
    neighbours && {
      bus,
      neighbours,
      clock,
      tickMs: limits.presenceMs,
      following,
      onFrames: (root, shard, origin, frames) => presence.hear(root, shard, origin, frames),
      onPeers: (line, root, shard, peers) => feed(line, { kind: 'peers', root, shard, peers })
    }
  )

  const presence: Presence<Line> = createPresence<Line>({
    clock,
    tickMs: limits.presenceMs,
    listeners: audience.listeners,
    tell: (line, root, shard, frames) => feed(line, { kind: 'presence', root, shard, frames }),
    ...(isShared ? { pass: audience.present } : {})
  })

  const tellErased = (proof: ErasureProof): void => {
    for (const line of lines) feed(line, { kind: 'erasure', proof })
  }

  const hasOpen = ({ scope }: ErasureProof): boolean => {
    for (const { state } of lines) {
      for (const channel of state.channels.values()) {
        if (channel.kind === 'ready' && channel.root === scope.root) return true
      }
    }
    return false
  }

  const across =
    neighbours &&
    createAcross<Line>({
      log,
      bus,
      clock,
      random,
      neighbours,
      audience,
      isWanted: () => !isHalted() && lines.size > 0,
      hasOpen,
      onErased: tellErased,
      onRestored({ root, shard }) {
        for (const line of audience.listeners(root, shard)) feed(line, { kind: 'restored', root, shard })
      },
      onFailed
    })

  return { audience, presence, across, tellErased }
}
