import { atLeast, atMost, type Column, type Figures, times, toldOnly, type Verdict } from '#bench/peers/workload.ts'
import { CLUSTER_LABELS, type Cluster, type ClusterName } from './clusters.ts'
import { measureAcknowledgements } from './workloads/acknowledgements.ts'
import { measureDelivery } from './workloads/delivery.ts'
import { measureLoss } from './workloads/loss.ts'
import { measureResuming } from './workloads/resuming.ts'

/** What is measured, on which clusters, and against which bars. */

export interface Row {
  readonly cluster: ClusterName
  readonly variant: string
}

/** Medians by row. */
export type RowTable = (cluster: ClusterName, variant: string) => Figures | undefined

export interface Section {
  readonly id: string
  readonly title: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column[]
  readonly runs: number
  readonly limitMs: number
  labelOf(row: Row): string
  run(cluster: Cluster, variant: string, isQuick: boolean): Promise<Figures>
  judge(table: RowTable): readonly Verdict[]
}

const figure = (table: RowTable, cluster: ClusterName, variant: string, key: string): number =>
  table(cluster, variant)?.[key] ?? Number.NaN

const milliseconds = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(1)} ms`

const withDigits = (digits: number, labelByKey: Readonly<Record<string, string>>): readonly Column[] =>
  Object.entries(labelByKey).map(([key, label]) => ({ key, label, digits }))

const BUSES = { 'postgres-2-postgres': 'LISTEN/NOTIFY', 'postgres-2-nats': 'NATS' } as const
type Bussed = keyof typeof BUSES
const BUSSED = Object.keys(BUSES) as readonly Bussed[]

const PLACES = { local: 'all clients of a room on one', across: 'clients of a room on different ones' } as const

const deliverySection = (
  id: string,
  title: string,
  shape: { rooms: number; clients: number; updatesPerSecond: number }
): Section => ({
  id,
  title,
  rows: [
    { cluster: 'sqlite-1', variant: 'local' },
    { cluster: 'postgres-1', variant: 'local' },
    { cluster: 'postgres-2-poll', variant: 'across' },
    ...BUSSED.flatMap((cluster) => [
      { cluster, variant: 'local' },
      { cluster, variant: 'across' }
    ]),
    { cluster: 'hocuspocus-2', variant: 'local' },
    { cluster: 'hocuspocus-2', variant: 'across' }
  ],
  columns: [
    ...withDigits(0, { relays: 'relays, CPU us an update', store: 'Postgres', bus: 'broker', all: 'all' }),
    ...withDigits(1, { p50: 'p50 ms', p99: 'p99 ms' }),
    ...withDigits(0, { load: 'generator CPU %' })
  ],
  runs: 3,
  limitMs: 600_000,
  labelOf: ({ cluster, variant }) =>
    cluster.endsWith('-1')
      ? CLUSTER_LABELS[cluster]
      : `${CLUSTER_LABELS[cluster]}: ${PLACES[variant as keyof typeof PLACES]}`,
  run: (cluster, variant, isQuick) => measureDelivery(cluster, { ...shape, isAcross: variant === 'across', isQuick }),
  judge: (table) =>
    BUSSED.flatMap((cluster) => [
      atMost(
        `${BUSES[cluster]}: CPU of all, across <= 2x local`,
        figure(table, cluster, 'across', 'all') / figure(table, cluster, 'local', 'all'),
        2,
        times
      ),
      toldOnly(
        `${BUSES[cluster]}: of the relays alone`,
        figure(table, cluster, 'across', 'relays') / figure(table, cluster, 'local', 'relays'),
        times
      ),
      atMost(
        `${BUSES[cluster]}: p99 across <= local + 10 ms`,
        figure(table, cluster, 'across', 'p99') - figure(table, cluster, 'local', 'p99'),
        10,
        milliseconds
      )
    ])
})

const WRITERS = ['1', '100', '1000'] as const

/** As it is, and as slow as an ordinary one: the disk of a fast machine hides what a commit costs. */
const DISKS = ['postgres-1', 'postgres-1-slow'] as const

const writersOn = (cluster: ClusterName, count: string): string =>
  `${count} writer${count === '1' ? '' : 's'}${cluster === 'postgres-1-slow' ? ', 2 ms added to each sync' : ''}`

const acknowledgements: Section = {
  id: 'acks',
  title:
    'Durable pushes on Postgres, each writer waiting for its answer, beside raw inserts of the same 300 bytes by pgbench, one a transaction, in turn on the same server; relay and Postgres share one core',
  rows: DISKS.flatMap((cluster) => WRITERS.map((variant) => ({ cluster, variant }))),
  columns: [
    ...withDigits(0, { perSecond: 'pushes a second' }),
    ...withDigits(1, { p50: 'p50 ms', p99: 'p99 ms' }),
    ...withDigits(0, {
      relayCpu: 'relay, CPU us each',
      storeCpu: 'Postgres',
      prepared: 'pgbench, prepared: a second',
      preparedCpu: 'CPU us each',
      unnamed: 'pgbench, statements without a name',
      unnamedCpu: 'CPU us each',
      bareNamed: 'a bare client, the same statement: a second',
      bareUnnamed: 'without a name'
    })
  ],
  runs: 1,
  limitMs: 600_000,
  labelOf: ({ cluster, variant }) => writersOn(cluster, variant),
  run: (cluster, variant, isQuick) => measureAcknowledgements(cluster, Number(variant), isQuick),
  judge: (table) =>
    acknowledgements.rows.flatMap(({ cluster, variant }) => {
      const of = (key: string): number => figure(table, cluster, variant, key)
      const who = writersOn(cluster, variant)
      return [
        atLeast(`${who}: >= 0.7x pgbench, prepared`, of('ofPrepared'), 0.7, times),
        toldOnly(`${who}: of pgbench, statements without a name`, of('ofUnnamed'), times),
        ...(variant === '1' ? [toldOnly(`${who}: of a bare client, the same statement`, of('ofBare'), times)] : []),
        toldOnly(
          `${who}: per CPU second, of pgbench prepared / without a name`,
          of('cpuOfPrepared'),
          (value) => `${times(value)} / ${times(of('cpuOfUnnamed'))}`
        )
      ]
    })
}

const TWO = ['postgres-2-poll', 'postgres-2-postgres', 'postgres-2-nats', 'hocuspocus-2'] as const

const resuming: Section = {
  id: 'resume',
  title:
    'SIGKILL of one of two: 120 stock clients (y-websocket 3.1; Hocuspocus: its own provider 4.7) in 30 rooms behind haproxy as in deploy/, writing',
  rows: TWO.map((cluster) => ({ cluster, variant: 'kill' })),
  columns: [
    ...withDigits(0, { kills: 'kills', left: 'clients cut off' }),
    ...withDigits(2, { p50: 'in sync again: p50 s', p95: 'p95 s', worst: 'worst s' }),
    ...withDigits(0, { lost: 'edits missing with somebody afterwards' })
  ],
  runs: 1,
  limitMs: 900_000,
  labelOf: ({ cluster }) => CLUSTER_LABELS[cluster],
  run: (cluster, _variant, isQuick) => measureResuming(cluster, isQuick),
  judge: (table) =>
    TWO.filter((cluster) => cluster !== 'hocuspocus-2').map((cluster) =>
      atMost(
        `${CLUSTER_LABELS[cluster]}: p95 <= 5 s`,
        figure(table, cluster, 'kill', 'p95'),
        5,
        (value) => `${value.toFixed(2)} s`
      )
    )
}

const LOSSES = { one: 'room open on the killed one only', both: 'room open on both' } as const
const LOSERS = ['postgres-2-poll', 'postgres-2-nats', 'hocuspocus-2'] as const

const loss: Section = {
  id: 'loss',
  title:
    "SIGKILL of the writer's relay while 500 updates a second stream, its clients gone for good: what had been shown to anybody and is not with the other one",
  rows: LOSERS.flatMap((cluster) => Object.keys(LOSSES).map((variant) => ({ cluster, variant }))),
  columns: [
    ...withDigits(0, { kills: 'kills', shown: 'updates shown', lost: 'of them lost' }),
    ...withDigits(1, { worst: 'worst kill, % lost' })
  ],
  runs: 1,
  limitMs: 900_000,
  labelOf: ({ cluster, variant }) => `${CLUSTER_LABELS[cluster]}: ${LOSSES[variant as keyof typeof LOSSES]}`,
  run: (cluster, variant, isQuick) => measureLoss(cluster, variant === 'both', isQuick),
  judge: (table) =>
    LOSERS.filter((cluster) => cluster !== 'hocuspocus-2').flatMap((cluster) =>
      Object.entries(LOSSES).map(([variant, label]) =>
        atMost(`${CLUSTER_LABELS[cluster]}, ${label}: 0 lost`, figure(table, cluster, variant, 'lost'), 0, String)
      )
    )
}

export const SECTIONS: readonly Section[] = [
  deliverySection('rooms', 'Small rooms: 200 of 2 clients, 400 updates a second', {
    rooms: 200,
    clients: 2,
    updatesPerSecond: 400
  }),
  deliverySection('room', 'One room of 100 clients, 100 updates a second, 9,900 deliveries', {
    rooms: 1,
    clients: 100,
    updatesPerSecond: 100
  }),
  acknowledgements,
  resuming,
  loss
]
