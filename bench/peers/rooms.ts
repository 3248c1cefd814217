import { fillOpenRoom } from './open-room.ts'
import type { RunningServer } from './process.ts'
import { fillSealedRoom } from './sealed-room.ts'
import type { Tally, TallyOptions } from './tally.ts'

/** A room in which every client writes and reads, in either protocol. */
export interface Room {
  readonly tally: Tally
  /** The writer's next update. */
  write(writer: number): void
  /** Pushes that the relay refused and that were sent again. */
  refusals(): number
  close(): void
  /** Everybody got everything, and the samples have the document that a plain merge gives. */
  isConverged(): boolean
}

export interface RoomOptions extends Omit<TallyOptions, 'writers'> {
  readonly name: string
  readonly firstAddress?: number
  /** Clients whose updates are kept to make a document of. */
  readonly samples?: number
  /** Most that one writer will write: sealed updates are made before the clock starts. */
  readonly writes?: number
}

export const fillRoom = (server: RunningServer, options: RoomOptions): Promise<Room> =>
  server.spec.name === 'sealed' ? fillSealedRoom(server, options) : fillOpenRoom(server, options)
