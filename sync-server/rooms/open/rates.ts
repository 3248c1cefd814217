import type { OpenLimits } from './open-limits.ts'
import type { Member, Room } from './room.ts'

/** Bounds that no number of sockets moves: of a room, and of the rooms that one address opens. */

export interface EditRate {
  /** @returns false where nothing of it may be taken and its sender is to be closed. */
  take(member: Member, bytes: number): boolean
  refill(room: Room, seconds: number): void
  /** The room is in memory again: leaving it empty for a moment gives it nothing. */
  opened(room: Room): void
  forgotten(room: Room): void
}

/** What is remembered of rooms or addresses that are not here. */
const REMEMBERED = 10_000

/** The oldest first, until one that may still count. */
const dropOld = (map: Map<unknown, { readonly at: number }>, before: number): void => {
  for (const [key, { at }] of map) {
    if (at > before && map.size < REMEMBERED) return
    map.delete(key)
  }
}

export const createEditRate = (limits: OpenLimits, now: () => number): EditRate => {
  const { roomUpdatesPerSecond, roomUpdatesBurst, roomBytesPerSecond, roomBytesBurst } = limits
  const refillMs = 1_000 * Math.max(roomUpdatesBurst / roomUpdatesPerSecond, roomBytesBurst / roomBytesPerSecond)
  const left = new Map<string, { readonly updates: number; readonly bytes: number; readonly at: number }>()

  /**
   * The room is full until it is next refilled. Each socket may go on with an equal share, so that a flood closes those who make it and
   * not those who type; who comes back on a new socket for another share finds the sum bounded too.
   */
  const hasShare = (member: Member, bytes: number): boolean => {
    const { room } = member
    room.shares ??= { among: 0, sent: new Map() }
    const { shares } = room
    // A share does not grow when others are closed: together they would be more than there is.
    shares.among = Math.max(shares.among, room.members.length)
    const sent = shares.sent.get(member) ?? { updates: 0, bytes: 0 }
    shares.sent.set(member, sent)
    sent.updates++
    sent.bytes += bytes
    const isWithin =
      sent.updates <= Math.max(1, roomUpdatesPerSecond / shares.among) &&
      sent.bytes <= roomBytesPerSecond / shares.among &&
      room.spentUpdates <= roomUpdatesBurst + roomUpdatesPerSecond &&
      room.spentBytes <= roomBytesBurst + roomBytesPerSecond
    if (isWithin) return true
    room.spentUpdates--
    room.spentBytes -= bytes
    return false
  }

  const refill = (room: Room, seconds: number): void => {
    room.spentUpdates = Math.max(0, room.spentUpdates - seconds * roomUpdatesPerSecond)
    room.spentBytes = Math.max(0, room.spentBytes - seconds * roomBytesPerSecond)
    room.shares = undefined
  }

  return {
    take(member, bytes) {
      const { room } = member
      room.spentUpdates++
      room.spentBytes += bytes
      if (room.spentUpdates <= roomUpdatesBurst && room.spentBytes <= roomBytesBurst) return true
      return hasShare(member, bytes)
    },
    refill,
    opened(room) {
      const known = left.get(room.name)
      if (known === undefined) return
      left.delete(room.name)
      room.spentUpdates = known.updates
      room.spentBytes = known.bytes
      refill(room, Math.max(0, now() - known.at) / 1_000)
    },
    forgotten(room) {
      const at = now()
      dropOld(left, at - refillMs)
      left.delete(room.name)
      if (room.spentUpdates === 0 && room.spentBytes === 0) return
      left.set(room.name, { updates: room.spentUpdates, bytes: room.spentBytes, at })
    }
  }
}

/** A room that nobody is in costs a reading of the store, whoever's it is. */
export interface Openings {
  /** @returns false where the address has opened too many. */
  take(address: string, now: number): boolean
  tick(now: number): void
}

/** All that an address may open comes back in this time. */
const REOPEN_MS = 60_000

export const createOpenings = ({ openingsPerAddress }: OpenLimits): Openings => {
  /** The one that opened last is last. */
  const spent = new Map<string, { readonly count: number; readonly at: number }>()

  return {
    tick: (now) => dropOld(spent, now - REOPEN_MS),
    take(address, now) {
      const { count, at } = spent.get(address) ?? { count: 0, at: now }
      const back = (Math.max(0, now - at) / REOPEN_MS) * openingsPerAddress
      const next = Math.max(0, count - back) + 1
      if (next > openingsPerAddress) return false
      spent.delete(address)
      dropOld(spent, now - REOPEN_MS)
      spent.set(address, { count: next, at: now })
      return true
    }
  }
}
