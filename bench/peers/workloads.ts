import type { Workload } from './workload.ts'
import { documents } from './workloads/documents.ts'
import { createFanOut } from './workloads/fan-out.ts'
import { idleConnections } from './workloads/idle.ts'
import { kill } from './workloads/kill.ts'
import { largeJoins } from './workloads/large-joins.ts'
import { oneDocument } from './workloads/one-document.ts'
import { presence } from './workloads/presence.ts'
import { reconnect } from './workloads/reconnect.ts'
import { saturated } from './workloads/saturated.ts'
import { smallRooms } from './workloads/small-rooms.ts'
import { storm } from './workloads/storm.ts'

/** In the order of the tables. */
export const WORKLOADS: readonly Workload[] = [
  createFanOut({ clients: 50 }),
  createFanOut({ clients: 200, isMain: true }),
  createFanOut({ clients: 200, isSpaced: true }),
  saturated,
  smallRooms,
  documents,
  oneDocument,
  storm,
  kill,
  presence,
  reconnect,
  largeJoins,
  idleConnections
]
