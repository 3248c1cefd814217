import type { FieldSummary } from '#core/field-counts.ts'
import type { Presence } from '#server/protocol/open/awareness.ts'
import type { PresenceReport } from '#server/rooms/open/open-relay-ports.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { Clock, ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'

/** Enters a room of the relay as the one who may write there. */
export type EnterRoom = (socket: SharingSocketPort, room: RoomName) => ConnectionHandle

export interface FieldOptions {
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly enter: EnterRoom
  /** People counted from one address at most. */
  readonly mostPerAddress: number
}

/** Counts who says that they practise, writes the sums into the field's document and tells them. */
export interface Field {
  /** @returns what this one socket is told */
  report(report: PresenceReport): Presence | undefined
  /** Undefined while the document cannot be read. */
  summary(): Promise<FieldSummary | undefined>
  /** Writes what was counted last and leaves the rooms. */
  stop(): void
}
