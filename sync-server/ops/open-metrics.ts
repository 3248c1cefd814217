import type { Registry } from 'prom-client'
import { one, type Reading, readCounter, readGauge } from './metric-parts.ts'
import type { Worst } from './worst.ts'

/** What open rooms count while they run (rooms/open/open-counters.ts). */
export interface OpenReadings {
  readonly connections: number
  readonly rooms: number
  readonly joins: number
  readonly framesIn: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly deliveries: number
  readonly known: number
  readonly committedUpdates: number
  readonly answers: number
  readonly basesSent: number
  readonly diffsSent: number
  readonly presences: number
  readonly closedByCode: ReadonlyMap<number, number>
  readonly failedCommits: number
  readonly failedLoads: number
  readonly lagMsSum: number
  /** Milliseconds since 1970 UTC, 0 = none. */
  readonly oldestAt: number
  readonly queuedBytes: number
  readonly waitingBytes: number
  readonly behind: number
  readonly fellBehind: number
  /** When the socket that has been behind for longest fell behind; 0 = none. Milliseconds since 1970 UTC. */
  readonly behindSince: number
  readonly rebuilds: number
  readonly failedRebuilds: number
  readonly rebuildsWaiting: number
  readonly recentBytes: number
  readonly heldSockets: number
}

export interface OpenMetricSources {
  readonly open: OpenReadings
  /** Milliseconds from an update's arrival until it went to the others. */
  readonly fanOutLag: Worst
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
}

export const addOpenMetrics = (register: Registry, { open, fanOutLag, now }: OpenMetricSources): void => {
  const gauge = (name: string, help: string, read: () => number): void =>
    readGauge(register, { name, help, read: () => one(read()) })
  const counter = (name: string, help: string, read: () => number): void =>
    readCounter(register, { name, help, read: () => one(read()) })
  const split = (name: string, help: string, label: string, read: () => readonly Reading[]): void =>
    readCounter(register, { name, help, labels: [label], read })

  gauge('council_rooms', 'Open rooms in memory: those with somebody in them, or with work to finish.', () => open.rooms)
  counter('council_joins_total', 'Clients that entered an open room.', () => open.joins)
  split('council_updates_total', 'Updates to open rooms: stored, or known already.', 'outcome', () => [
    [['stored'], open.committedUpdates],
    [['known'], open.known]
  ])
  counter('council_answers_total', 'Clients of open rooms told what they lack.', () => open.answers)
  split(
    'council_base_reads_total',
    'Of those answers, the ones that needed the base whole, or a diff of it.',
    'kind',
    () => [
      [['whole'], open.basesSent],
      [['diff'], open.diffsSent]
    ]
  )
  counter('council_presences_total', 'Presence messages made, one for a whole room.', () => open.presences)
  split('council_store_failures_total', 'Rows the store did not take, and rooms it could not load.', 'verb', () => [
    [['append'], open.failedCommits],
    [['load'], open.failedLoads]
  ])
  gauge(
    'council_fanout_lag_seconds',
    'Longest way of an update from its arrival to the others, last minute.',
    () => fanOutLag.ms() / 1_000
  )
  counter(
    'council_fanout_seconds_total',
    'That way summed over commits, by their oldest update.',
    () => open.lagMsSum / 1_000
  )
  gauge(
    'council_sockets_behind',
    'Sockets of open rooms that are not pushed to until they have read.',
    () => open.behind
  )
  counter('council_fell_behind_total', 'Times that happened.', () => open.fellBehind)
  gauge('council_cursor_lag_seconds', 'How long the socket that is furthest behind has been so.', () => {
    return open.behindSince === 0 ? 0 : Math.max(0, now() - open.behindSince) / 1_000
  })
  gauge(
    'council_compaction_debt_rooms',
    'Open rooms that wait for their base to be rewritten.',
    () => open.rebuildsWaiting
  )
  split('council_compactions_total', 'Bases rewritten.', 'outcome', () => [
    [['done'], open.rebuilds],
    [['failed'], open.failedRebuilds]
  ])
  gauge('council_row_cache_bytes', 'Newest rows of open rooms kept in memory.', () => open.recentBytes)
  gauge('council_held_sockets', 'Refused clients held back, so that they do not storm.', () => open.heldSockets)
}
