import { muddleBus, muteBus } from './bus-strikes.ts'
import { failDisk, fillDisk, fillLogDisk } from './disk-strikes.ts'
import type { Strike } from './run.ts'
import type { Stage, StageName } from './stages.ts'
import * as strikes from './strikes.ts'

/** Every fault that is played, and on what. Which relay, when and how long is drawn from the seed. */
export interface Fault {
  readonly name: string
  readonly stage: StageName
  readonly strike: (stage: Stage) => Strike
  /** Played once in `npm test`; the others only in the long run. */
  readonly isQuick: boolean
  /** Devices are told no, or the fault was none. */
  readonly isRefused: boolean
}

const on = (
  stage: StageName,
  faults: readonly (readonly [name: string, strike: Fault['strike'], note?: 'long' | 'refused'])[]
): Fault[] =>
  faults.map(([name, strike, note]) => ({
    name,
    stage,
    strike,
    isQuick: note !== 'long',
    isRefused: note === 'refused'
  }))

export const FAULTS: readonly Fault[] = [
  ...on('by Postgres', [
    // First: later there is room in what others left.
    ['no room for tables', ({ disk }) => failDisk(disk, 'tables'), 'refused'],
    ['no room for the write-ahead log', ({ disk }) => failDisk(disk, 'log'), 'refused'],
    ['fsync fails under the store', ({ disk }) => failDisk(disk, 'sync'), 'refused'],
    ['nothing', () => strikes.calm, 'long'],
    ['kill -9 of a relay', () => strikes.killRelay],
    ['kill -9 of both relays', () => strikes.killRelays, 'long'],
    ['a relay frozen, then back', () => strikes.freezeRelay],
    ['rolling restart', () => strikes.rollingRestart],
    ['kill -9 of Postgres', (stage) => strikes.killPostgres(stage.store())],
    ['Postgres frozen', (stage) => strikes.freezePostgres(stage.store())],
    ['a relay parted from the store', () => strikes.loseStore],
    ['answers of the store lost', () => strikes.loseAnswersOfStore],
    ['a relay refused by the store', () => strikes.refuseStore, 'long'],
    ['connections to the store reset', () => strikes.shakeStore],
    ['a slow store, both relays append', () => strikes.slowStore],
    ['a relay parted from the bus', () => strikes.loseBus],
    ['a relay parted from the bus for 15 s', () => strikes.loseBusForLong, 'long'],
    ['a relay refused by the bus', () => strikes.refuseBus, 'long'],
    ['bus messages lost, doubled, reordered', () => muddleBus],
    ['all bus messages lost, and nobody knows', () => muteBus, 'long']
  ]),
  ...on('by NATS', [
    ['kill -9 of NATS, back empty', (stage) => strikes.killNats(stage.nats())],
    ['NATS frozen', (stage) => strikes.freezeNats(stage.nats()), 'long'],
    ['bus messages lost, doubled, reordered', () => muddleBus],
    ['all bus messages lost, and nobody knows', () => muteBus, 'long'],
    ['a relay parted from NATS', () => strikes.loseBus, 'long'],
    ['kill -9 of a relay', () => strikes.killRelay, 'long'],
    ['kill -9 of Postgres', (stage) => strikes.killPostgres(stage.store()), 'long']
  ]),
  ...on('by nothing', [
    ['no bus at all', () => strikes.calm],
    ['no bus, kill -9 of a relay', () => strikes.killRelay, 'long']
  ]),
  ...on('by Postgres, behind PgBouncer', [
    ['kill -9 of PgBouncer', (stage) => strikes.killPooler(stage.pooler()), 'long'],
    ['kill -9 of Postgres', (stage) => strikes.killPostgres(stage.store()), 'long'],
    ['a relay parted from the pooler', () => strikes.loseStore, 'long']
  ]),
  ...on('by Postgres, its log on a small disk', [
    ['the disk of the log is full', (stage) => fillLogDisk(stage.smallDisk(), stage.store()), 'refused']
  ]),
  ...on('by nothing: one, its SQLite on a small disk', [
    ['the disk of SQLite is full', (stage) => fillDisk(stage.smallDisk()), 'refused']
  ])
]
