import {
  decodeRelayMessage,
  encodeRelayMessage,
  type HintMessage,
  isOwnMessage,
  type PresenceMessage,
  type RelayMessage
} from '#server/protocol/relay-messages.ts'
import type { Neighbours } from '#server/rooms/neighbours.ts'
import type { AppendedRow, RoomName } from '#server/rooms/open-ports.ts'
import type { Bus } from '#server/rooms/ports.ts'
import type { Member, Room } from './room.ts'

/** A room's line to the other relays of the same store. What comes over it starts a reading, or is presence; losing it costs time, never an update. */
export interface Link {
  /** The relays whose people are in the room, by origin. */
  readonly remotes: Map<string, RemoteRelay>
  /** Client ids for which this relay no longer speaks: said with the next tick. */
  released: number[]
  /** The next tick says who is here, all of them; and, with `asks`, the others then say the same. */
  tellsAll: boolean
  asks: boolean
  /** Whether anybody of this relay was ever told of in this room. */
  hasTold: boolean
  /** A row is durable: the others are told when the work at hand is done, at most once. */
  announce(place: AppendedRow, update: Uint8Array): void
  publish(message: RelayMessage): void
  close(): void
}

/** Another relay, as one that speaks in a room: what a socket is for those of this relay. */
export interface RemoteRelay {
  readonly origin: string
  /** Of its newest presence message. */
  order: number
  /** Client ids it has brought. */
  brought: number
}

/** Who speaks for a client id. */
export type Speaker = Member | RemoteRelay

export const isRemote = (speaker: Speaker): speaker is RemoteRelay => 'origin' in speaker

export interface LinkHandlers {
  readonly onHint: (room: Room, hint: HintMessage) => void
  readonly onPresence: (room: Room, remote: RemoteRelay, message: PresenceMessage) => void
  readonly onDeparted: (room: Room, clients: readonly (readonly [client: number, clock: number])[]) => void
}

export type Links = (room: Room, handlers: LinkHandlers) => Link

/** So much of the newest rows goes along with a hint, and saves the others a read. */
const HINT_BYTES = 4_096

export const topicOfRoom = (name: RoomName): string => `open:${encodeURIComponent(name)}`

interface Announcement {
  readonly topic: string
  seq: number
  mark: number
  before: number
  rows: Uint8Array[]
  bytes: number
}

export const createLinks = (bus: Bus, neighbours: Neighbours): Links => {
  const { origin } = neighbours
  let announcements = new Map<Room, Announcement>()

  const flush = (): void => {
    const due = announcements
    announcements = new Map()
    for (const { topic, bytes, rows, ...place } of due.values()) {
      const along = bytes <= HINT_BYTES ? rows : []
      bus.publish(topic, encodeRelayMessage(origin, { kind: 'hint', ...place, rows: along }))
    }
  }

  const announce = (room: Room, topic: string, { seq, mark, before }: AppendedRow, update: Uint8Array): void => {
    if (announcements.size === 0) queueMicrotask(flush)
    const known = announcements.get(room)
    if (known === undefined) {
      announcements.set(room, { topic, seq, mark, before, rows: [update], bytes: update.byteLength })
      return
    }
    // Another relay's row lies between them: only what leads up to the newest without a gap is of use.
    if (seq !== known.seq + 1 || before !== known.mark) {
      known.rows = []
      known.before = before
      known.bytes = 0
    }
    known.seq = seq
    known.mark = mark
    known.rows.push(update)
    known.bytes += update.byteLength
  }

  return (room, handlers) => {
    const topic = topicOfRoom(room.name)
    const remotes = new Map<string, RemoteRelay>()

    const remoteOf = (key: string): RemoteRelay => {
      const remote = remotes.get(key) ?? { origin: key, order: -1, brought: 0 }
      remotes.set(key, remote)
      return remote
    }

    const onMessage = (bytes: Uint8Array): void => {
      if (isOwnMessage(origin, bytes)) return
      const received = decodeRelayMessage(bytes)
      if (!received.ok) return
      const { origin: from, message } = received.value
      if (message.kind === 'hint') handlers.onHint(room, message)
      else if (message.kind === 'departed') handlers.onDeparted(room, message.clients)
      else if (message.kind === 'presence' && neighbours.heard(from)) handlers.onPresence(room, remoteOf(from), message)
    }

    const stop = bus.subscribe(topic, onMessage)
    return {
      remotes,
      released: [],
      tellsAll: false,
      asks: false,
      hasTold: false,
      announce: (place, update) => announce(room, topic, place, update),
      publish: (message) => bus.publish(topic, encodeRelayMessage(origin, message)),
      close: stop
    }
  }
}
