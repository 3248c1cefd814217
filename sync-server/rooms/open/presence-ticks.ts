import { OPEN_CLOSE } from '#core/close-codes.ts'
import { FIELD_ROOMS } from '#core/field.ts'
import { decodePresences, encodePresences, type Presence } from '#server/protocol/open/awareness.ts'
import { type Entry, hear, leave, sweep } from '#server/protocol/open/presence-table.ts'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import type { Delivery } from './delivery.ts'
import { isRemote, type Speaker } from './links.ts'
import type { PresenceAcross } from './presence-across.ts'
import type { Context, Member, Room } from './room.ts'

/** Presence gathers for a moment and goes out as one message to everybody, its senders included: stock clients close when they hear nothing, not even themselves. */
export interface PresenceTicks {
  /** An awareness message of this socket. */
  hear(member: Member, bytes: Uint8Array): void
  leave(member: Member): void
  /** Everybody who is present, or undefined. */
  present(room: Room): Prepared | undefined
  /** Everybody who is present, and everybody who left of late; none where nobody was. */
  known(room: Room): readonly Prepared[]
  sweep(room: Room, now: number): void
  /** Something of the room is to be told with the next tick. */
  schedule(room: Room): void
  /** What waits is told at once: this relay leaves. */
  flush(): void
}

/** Who left is remembered against late echoes, but no more of them than this. */
const MOST_REMEMBERED = 4_096

const isJson = (decoder: TextDecoder, bytes: Uint8Array): boolean => {
  try {
    JSON.parse(decoder.decode(bytes))
    return true
  } catch {
    return false
  }
}

/** @param across tells the other relays of the store, in rooms that have a link to them */
export const createPresenceTicks = (
  ctx: Context,
  delivery: Delivery,
  across: Pick<PresenceAcross, 'tell'>
): PresenceTicks => {
  const { clock, limits, counters } = ctx
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let due: Room[] = []

  const tellDue = (room: Room, now: number): void => {
    const news: Entry<Speaker>[] = []
    for (const entry of room.presences.values()) {
      if (!entry.due) continue
      entry.due = false
      news.push(entry)
      if (entry.state === undefined && room.presences.size > MOST_REMEMBERED) room.presences.delete(entry.client)
    }
    room.isPresenceDue = false
    if (room.link !== undefined) across.tell(room, room.link, news)
    if (news.length === 0) return
    room.heardAt = now
    delivery.tellAll(room, { bytes: encodePresences(news) }, undefined, true)
  }

  const tick = (): void => {
    if (ctx.isHalted()) return
    const rooms = due
    due = []
    const now = clock.now()
    for (const room of rooms) tellDue(room, now)
  }

  const schedule = (room: Room): void => {
    room.present = undefined
    if (room.isPresenceDue) return
    room.isPresenceDue = true
    if (due.length === 0) clock.after(limits.presenceMs, tick)
    due.push(room)
  }

  /** One entry that a client cannot read makes it drop all that came with it, so each is read here once; echoes were before. */
  const isAcceptable = ({ clock: at, state }: Presence, known: Entry<Speaker> | undefined): boolean =>
    state === undefined ||
    (known !== undefined && at <= known.clock) ||
    (state.byteLength <= limits.presenceBytes && isJson(decoder, state))

  /** Who practises is told to nobody: the relay counts. */
  const report = (member: Member, presences: readonly Presence[]): void => {
    const { room, socket, address } = member
    const answer = ctx.report({ room: room.name, socket, address, presences })
    if (answer !== undefined && member.mode === 'live') delivery.tell(member, [{ bytes: encodePresences([answer]) }])
  }

  return {
    hear(member, bytes) {
      const { room } = member
      const presences = decodePresences(bytes)
      if (!presences.ok) {
        ctx.close(member, OPEN_CLOSE.malformed)
        return
      }
      if (room.name.startsWith(FIELD_ROOMS)) {
        report(member, presences.value)
        return
      }
      const now = clock.now()
      const gone: Presence[] = []
      let isNews = false
      for (const presence of presences.value) {
        const known = room.presences.get(presence.client)
        if (!isAcceptable(presence, known)) {
          ctx.close(member, OPEN_CLOSE.malformed)
          break
        }
        const outcome = hear(room.presences, member, presence, now, member.brought < limits.presencesPerSocket)
        if (outcome === 'too-many') {
          ctx.close(member, OPEN_CLOSE.malformed)
          break
        }
        if (outcome === 'brought') member.brought++
        if (outcome === 'brought' || outcome === 'told') isNews = true
        if (outcome === 'gone' && known !== undefined) gone.push(known)
      }
      if (isNews) {
        counters.presences++
        schedule(room)
      }
      // Presence is no part of an answer that is being made.
      const isTold = member.mode === 'live' || member.mode === 'answering'
      if (gone.length > 0 && isTold) delivery.tell(member, [{ bytes: encodePresences(gone) }])
    },
    leave(member) {
      const { presences, link } = member.room
      const onPassed = (entry: Entry<Speaker>): void => {
        if (entry.owner !== undefined && isRemote(entry.owner)) link?.released.push(entry.client)
      }
      const isNews = leave(presences, member, clock.now(), true, link && onPassed)
      if (isNews || (link !== undefined && link.released.length > 0)) schedule(member.room)
    },
    present(room) {
      if (room.present !== undefined) return room.present
      const here: Presence[] = []
      for (const entry of room.presences.values()) if (entry.state !== undefined) here.push(entry)
      if (here.length > 0) room.present = { bytes: encodePresences(here) }
      return room.present
    },
    known: ({ presences }) => (presences.size > 0 ? [{ bytes: encodePresences([...presences.values()]) }] : []),
    sweep(room, now) {
      if (sweep(room.presences, now)) schedule(room)
    },
    schedule,
    flush: tick
  }
}
