import { decodePresences, encodePresences, type Presence } from '#server/protocol/open/awareness.ts'
import { decodeOpenMessage } from '#server/protocol/open/messages.ts'
import { type Entry, hear, leave, release } from '#server/protocol/open/presence-table.ts'
import type { PresenceMessage } from '#server/protocol/relay-messages.ts'
import type { Delivery } from './delivery.ts'
import { isRemote, type Link, type RemoteRelay, type Speaker } from './links.ts'
import type { Context, Room } from './room.ts'

/** Presence between the relays of a store: each tells of its own sockets alone, so nothing goes round. */
export interface PresenceAcross {
  /** With a room's tick: what its own sockets brought, or all of them where somebody asked. */
  tell(room: Room, link: Link, news: readonly Entry<Speaker>[]): void
  /** The others are asked who is with them, and told who is here. */
  ask(room: Room): void
  hear(room: Room, remote: RemoteRelay, message: PresenceMessage): void
  /** Another relay holds these for gone: their devices are told, and raise their clocks. */
  departed(room: Room, clients: readonly (readonly [client: number, clock: number])[]): void
  /** A relay is gone, and with it all whom it alone spoke for. */
  gone(room: Room, origin: string): void
}

/** Bytes of states in one message, so that the whole stays below what a bus takes. */
const MESSAGE_BYTES = 200_000

/** Cut where a message is full. @returns at least one part */
const inParts = (entries: readonly Presence[]): readonly (readonly Presence[])[] => {
  const parts: Presence[][] = [[]]
  let size = 0
  for (const entry of entries) {
    const bytes = 24 + (entry.state?.byteLength ?? 0)
    if (size + bytes > MESSAGE_BYTES) {
      parts.push([])
      size = 0
    }
    size += bytes
    parts.at(-1)?.push(entry)
  }
  return parts
}

const isOfHere = (speaker: Speaker | undefined): boolean => speaker !== undefined && !isRemote(speaker)
const isHere = ({ owner, latest }: Entry<Speaker>): boolean => isOfHere(owner) || isOfHere(latest)

export const createPresenceAcross = (
  ctx: Context,
  delivery: Delivery,
  schedule: (room: Room) => void
): PresenceAcross => {
  const { clock, limits } = ctx
  let order = 0

  const send = (link: Link, entries: readonly Presence[], isFull: boolean): void => {
    const { released, asks } = link
    const parts = inParts(entries)
    parts.forEach((part, index) => {
      const first = index === 0
      link.publish({
        kind: 'presence',
        // A list in parts is no list of all: who is not in one of them may be in another.
        full: isFull && parts.length === 1,
        asks: first && asks,
        order: ++order,
        released: first ? released : [],
        update: encodePresences(part)
      })
    })
    link.released = []
    link.tellsAll = false
    link.asks = false
    link.hasTold = true
  }

  const tellAll = (room: Room, link: Link, departed: readonly Presence[]): void => {
    const here: Presence[] = [...departed]
    for (const entry of room.presences.values()) {
      if (entry.state !== undefined && isHere(entry)) here.push(entry)
    }
    if (here.length > 0 || link.asks || link.hasTold) send(link, here, true)
    link.tellsAll = false
  }

  const hearEntries = (room: Room, remote: RemoteRelay, presences: readonly Presence[], now: number) => {
    const departed: [number, number][] = []
    const contested: [number, number][] = []
    let isNews = false
    for (const presence of presences) {
      if ((presence.state?.byteLength ?? 0) > limits.presenceBytes) continue
      const known = room.presences.get(presence.client)
      if (presence.state === undefined && known?.state !== undefined && isHere(known)) {
        // It lives on a socket of this relay: its device hears that it left, and raises its clock for all.
        release(known, remote, now, false)
        if (presence.clock >= known.clock) contested.push([presence.client, presence.clock])
        continue
      }
      const mayBring = remote.brought < limits.presencesPerRelay
      const outcome = hear(room.presences, remote, presence, now, mayBring, false)
      if (outcome === 'brought') remote.brought++
      if (outcome === 'brought' || outcome === 'told') isNews = true
      if (known === undefined) continue
      if (outcome === 'gone') departed.push([presence.client, known.clock])
      // A relay tells of its own sockets alone: the same from two of them is no echo, both speak for it.
      const isSame = outcome === 'echo' && presence.state !== undefined && presence.clock === known.clock
      if (isSame && known.owner !== remote) known.latest = remote
    }
    return { departed, contested, isNews }
  }

  /** @returns whether there is news */
  const releaseOthers = (room: Room, remote: RemoteRelay, named: ReadonlySet<number>, now: number): boolean => {
    let isNews = false
    for (const entry of room.presences.values()) {
      if (!named.has(entry.client) && release(entry, remote, now, false) === 'departed') isNews = true
    }
    return isNews
  }

  const tellDeparted = (room: Room, clients: readonly (readonly [client: number, clock: number])[]): void => {
    for (const [client, at] of clients) {
      const entry = room.presences.get(client)
      if (entry?.state === undefined || at < entry.clock) continue
      const speaker = isOfHere(entry.latest) ? entry.latest : entry.owner
      if (speaker === undefined || isRemote(speaker)) continue
      if (speaker.mode !== 'live' && speaker.mode !== 'answering') continue
      delivery.tell(speaker, [{ bytes: encodePresences([{ client, clock: at, state: undefined }]) }])
    }
  }

  return {
    tell(room, link, news) {
      const own = news.filter(({ fromHere }) => fromHere)
      if (link.tellsAll)
        tellAll(
          room,
          link,
          own.filter(({ state }) => state === undefined)
        )
      else if (own.length > 0 || link.released.length > 0) send(link, own, false)
    },
    ask(room) {
      if (room.link === undefined) return
      room.link.tellsAll = true
      room.link.asks = true
      schedule(room)
    },
    hear(room, remote, { full, asks, order: at, released, update }) {
      const message = decodeOpenMessage(update)
      const presences = message.kind === 'awareness' ? decodePresences(message.entries) : undefined
      if (presences?.ok !== true) return
      const now = clock.now()
      const { departed, contested, isNews: hasNews } = hearEntries(room, remote, presences.value, now)
      let isNews = hasNews
      for (const client of released) {
        const entry = room.presences.get(client)
        if (entry !== undefined && release(entry, remote, now, false) === 'departed') isNews = true
      }
      // An older list came late: whoever came meanwhile is not in it.
      if (full && at > remote.order) {
        const named = new Set(presences.value.map(({ client }) => client))
        if (releaseOthers(room, remote, named, now)) isNews = true
      }
      remote.order = Math.max(remote.order, at)
      tellDeparted(room, contested)
      if (departed.length > 0) room.link?.publish({ kind: 'departed', clients: departed })
      if (asks && room.link !== undefined) room.link.tellsAll = true
      if (isNews || asks) schedule(room)
    },
    departed: tellDeparted,
    gone(room, origin) {
      const remote = room.link?.remotes.get(origin)
      if (remote === undefined) return
      room.link?.remotes.delete(origin)
      if (leave(room.presences, remote, clock.now(), false)) schedule(room)
    }
  }
}
