import { FIELD_MAPS, fieldMonthAt, fieldRoom } from '#core/field.ts'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { EPOCH } from '#server/rooms/open/open-rig.fixture.ts'
import type { Bus } from '#server/rooms/ports.ts'
import { createMemoryRoomDisk, type MemoryRoomDisk } from '#server/storage/memory/memory-room-disk.ts'
import type { Random } from '#testing/random.ts'
import { createScheduler, type Scheduler } from '#testing/scheduler.ts'
import { createPerson, type Person } from './field-person.ts'
import { createFieldRelay, type WorldRelay } from './field-relay.ts'

/** Relays over one store and people who practise, on virtual time; what is counted is counted once more beside it, by hand. */

const ROOM = fieldRoom(fieldMonthAt(EPOCH / 1_000))

/** What relays share. */
export interface FieldStage {
  readonly scheduler: Scheduler
  readonly disk: MemoryRoomDisk
  readonly bus: Bus
  readonly random: Random
  /** Since 1970 UTC. */
  readonly nowMs: () => number
}

export interface FieldWorld {
  second(): number
  relay(): WorldRelay
  person(random: Random): Person
  run(ms: number): Promise<void>
}

export const openFieldWorld = (random: Random): FieldWorld => {
  const scheduler = createScheduler()
  const nowMs = (): number => EPOCH + scheduler.now()
  const stage = { scheduler, disk: createMemoryRoomDisk(), bus: createMemoryBus(), random, nowMs }
  let names = 0
  return {
    second: () => Math.floor(nowMs() / 1_000),
    relay: () => createFieldRelay(stage),
    person: (chance) => createPerson({ scheduler, random: chance, room: ROOM, nextName: () => ++names }),
    run: (ms) => scheduler.runUntil(scheduler.now() + ms)
  }
}

export const personOf = (id: string): string => id.split('-')[0] ?? ''

/** What stands in the document, as a client of this relay sees it. */
export const readerOf = (relay: WorldRelay) => {
  const { doc } = relay.rig.client(ROOM)
  return {
    now: () => [...doc.getMap(FIELD_MAPS.now).values()],
    hours: () => [...doc.getMap(FIELD_MAPS.hours).entries()] as [string, number][]
  }
}
