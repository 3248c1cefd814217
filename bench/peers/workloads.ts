import type { Workload } from './workload.ts'
import { createFanOut } from './workloads/fan-out.ts'
import { presence } from './workloads/presence.ts'
import { saturated } from './workloads/saturated.ts'
import { smallRooms } from './workloads/small-rooms.ts'

/** In the order of the tables. */
export const WORKLOADS: readonly Workload[] = [createFanOut(50), createFanOut(200), saturated, smallRooms, presence]
