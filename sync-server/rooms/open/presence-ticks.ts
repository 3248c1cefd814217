import { OPEN_CLOSE } from '#core/close-codes.ts'
import { decodePresences, encodePresences, type Presence } from '#server/protocol/open/awareness.ts'
import { type Entry, hear, leave, sweep } from '#server/protocol/open/presence-table.ts'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import type { Delivery } from './delivery.ts'
import type { Context, Member, Room } from './room.ts'

/** Presence gathers for a moment and goes out as one message to everybody, its senders included: stock clients close when they hear nothing, not even themselves. */
export interface PresenceTicks {
  /** An awareness message of this socket. */
  hear(member: Member, bytes: Uint8Array): void
  leave(member: Member): void
  /** Everybody who is present, or undefined. */
  present(room: Room): Prepared | undefined
  sweep(room: Room, now: number): void
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

export const createPresenceTicks = (ctx: Context, delivery: Delivery): PresenceTicks => {
  const { clock, limits, counters } = ctx
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let due: Room[] = []

  const tellDue = (room: Room, now: number): void => {
    const news: Presence[] = []
    for (const entry of room.presences.values()) {
      if (!entry.due) continue
      entry.due = false
      news.push(entry)
      if (entry.state === undefined && room.presences.size > MOST_REMEMBERED) room.presences.delete(entry.client)
    }
    room.isPresenceDue = false
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
  const isAcceptable = ({ clock: at, state }: Presence, known: Entry<Member> | undefined): boolean =>
    state === undefined ||
    (known !== undefined && at <= known.clock) ||
    (state.byteLength <= limits.presenceBytes && isJson(decoder, state))

  return {
    hear(member, bytes) {
      const { room } = member
      const presences = decodePresences(bytes)
      if (!presences.ok) {
        ctx.close(member, OPEN_CLOSE.malformed)
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
      if (gone.length > 0 && member.mode === 'live') delivery.tell(member, [{ bytes: encodePresences(gone) }])
    },
    leave(member) {
      if (leave(member.room.presences, member, clock.now())) schedule(member.room)
    },
    present(room) {
      if (room.present !== undefined) return room.present
      const here: Presence[] = []
      for (const entry of room.presences.values()) if (entry.state !== undefined) here.push(entry)
      if (here.length > 0) room.present = { bytes: encodePresences(here) }
      return room.present
    },
    sweep(room, now) {
      if (sweep(room.presences, now)) schedule(room)
    }
  }
}
