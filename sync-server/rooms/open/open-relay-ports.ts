import type { Presence } from '#server/protocol/open/awareness.ts'
import type { Merger, RoomName, UpdateLog } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'
import type { Clock, ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import type { OpenCounters } from './open-counters.ts'
import type { OpenLimits } from './open-limits.ts'

export interface OpenRequest {
  /** After `/y/`, still percent-encoded. */
  readonly path: string
  readonly token: string | undefined
  readonly origin: string | undefined
  /** Of the peer, for limits: what TRUST_PROXY says it is. */
  readonly address: string
}

/** `refused`: the reason as the client is told it, ASCII. */
export type Admission = 'write' | 'read' | { readonly refused: string }

export type OpenNews = { readonly kind: 'failed'; readonly room: RoomName; readonly reason: string }

/** What a socket in a room that the relay writes said of who is present: for the relay alone, never for others. */
export interface PresenceReport {
  readonly room: RoomName
  /** Stands for the socket. */
  readonly socket: object
  readonly address: string
  readonly presences: readonly Presence[]
}

export interface OpenRelayOptions {
  readonly log: UpdateLog
  readonly merger: Merger
  /** Used where the store is shared. */
  readonly bus: Bus
  /**
   * Whether other relays write to the same store. Then the bus is used, and the store is asked: before each answer to a step 1, and
   * every second or (while the bus hears the others) every ten for rooms that somebody is in. Absent: this is its only relay.
   */
  readonly isShared?: boolean
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly admit: (room: RoomName, request: OpenRequest) => Admission
  readonly limits?: Partial<OpenLimits>
  /** Whether the machine is behind with its work. */
  readonly isOverloaded?: () => boolean
  readonly onNews?: (news: OpenNews) => void
  /** @returns what this one socket is told. Absent: such presence is heard by nobody. */
  readonly onReport?: (report: PresenceReport) => Presence | undefined
}

export interface OpenRelay {
  readonly counters: OpenCounters
  /** Every refusal happens in here, as a close. */
  connect(socket: SharingSocketPort, request: OpenRequest): ConnectionHandle
  /** For the relay's own documents: enters as the one who may write there. */
  enterInside(socket: SharingSocketPort, room: RoomName): ConnectionHandle
  /** No new ones; what was taken is committed; sockets are closed with 1001, spread over time. */
  drain(): Promise<void>
  /** Stops at once, as a crash would: nothing more is sent, stored or scheduled. */
  halt(): void
}
