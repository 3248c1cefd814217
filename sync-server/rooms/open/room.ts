import type { Presence } from '#server/protocol/open/awareness.ts'
import type { Held, Runs } from '#server/protocol/open/held.ts'
import { encodeStep1 } from '#server/protocol/open/messages.ts'
import type { PresenceTable } from '#server/protocol/open/presence-table.ts'
import type { Ranges } from '#server/protocol/open/ranges.ts'
import { type Clocks, encodeStateVector } from '#server/protocol/open/state-vector.ts'
import type { Tail } from '#server/protocol/open/tail.ts'
import type { BaseHead, RoomName } from '#server/rooms/open-ports.ts'
import type { Clock, Prepared, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import type { Link, Speaker } from './links.ts'
import type { OpenCounters } from './open-counters.ts'
import type { OpenLimits } from './open-limits.ts'
import type { PresenceReport } from './open-relay-ports.ts'

/** The mutable records of the open rooms. Plain data, because a relay holds thousands of rooms and a closure each would be their weight. */

/**
 * 'live': pushed to. 'answering': what it asked for is being read, and it gets what comes meanwhile with the answer. 'behind': it has not
 * taken what was sent, and is answered once it has. 'closed': nothing goes to it any more.
 */
export type MemberMode = 'live' | 'answering' | 'behind' | 'closed'

/** A cursor where only the claim says what was given: the room was loaded anew, perhaps from a store that had gone back. */
export const NOWHERE = -1

export interface Member {
  readonly socket: SharingSocketPort
  readonly address: string
  readonly room: Room
  readonly writes: boolean
  mode: MemberMode
  /** Place in the room's list. */
  index: number
  /** While behind: it has been given every row up to here; or NOWHERE. */
  cursor: number
  /** While behind: what the relay held there, as sync step 1. */
  cursorClaim: Prepared | undefined
  behindSince: number
  /** Bytes of answers and large messages since it had last taken everything: a slow line gets the time that these need. */
  unread: number
  /** A state vector that waits for its answer. */
  asked: Clocks | undefined
  /** Messages that came before the room was loaded, or while a large one of this socket was read. */
  inbox: Uint8Array[] | undefined
  isReading: boolean
  wasWarned: boolean
  /** Client ids it has brought. */
  brought: number
  messageTokens: number
  byteTokens: number
  tokensAt: number
}

/** What a member sent and what is not yet durable. */
export interface Update {
  readonly member: Member | undefined
  readonly bytes: Uint8Array
  /** The message it came in, where that can be passed on as it is. */
  readonly message: Uint8Array | undefined
  readonly runs: Runs
  readonly deletes: Ranges | undefined
  readonly at: number
  /** Told whether it was stored. */
  readonly done: ((stored: boolean) => void) | undefined
}

/** An update message and where its update begins. */
export interface RowMessage extends Prepared {
  readonly at: number
}

export interface Room {
  readonly name: RoomName
  readonly members: Member[]
  state: 'loading' | 'open' | 'gone'
  head: number
  /** Of the row at `head`: tells this history from another that the store may have come to hold. */
  mark: number
  base: BaseHead | undefined
  baseClocks: Clocks
  held: Held
  tail: Tail
  tailBytes: number
  tailRows: number
  /** What one message says to all who come: made when asked for, dropped when it changes. */
  step1: Prepared | undefined
  deletesAnswer: readonly Prepared[] | undefined
  tailAnswer: { readonly key: string; readonly message: Promise<Prepared> } | undefined
  /** The base as an update message, and diffs of it by state vector: held while somebody is being answered, a second at most longer. */
  baseAnswers: Map<string, Promise<RowMessage | undefined>> | undefined
  pending: Update[]
  pendingBytes: number
  /** Updates of it in the last commit. */
  lastTaken: number
  /** Edits taken of late and their bytes; less again with time. */
  spentUpdates: number
  spentBytes: number
  /** What each has sent since there were too many; dropped within a second. */
  shares: { among: number; readonly sent: Map<Member, { updates: number; bytes: number }> } | undefined
  isCommitting: boolean
  /** The newest rows' updates one behind the other, from `recentFrom` to `head`. */
  recent: Uint8Array | undefined
  recentUsed: number
  recentFrom: number
  readonly presences: PresenceTable<Speaker>
  present: Prepared | undefined
  isPresenceDue: boolean
  /** Who ended while it was loading, with something said that is still to be read. */
  leavers: Member[] | undefined
  /** When everybody here was last told something. */
  heardAt: number
  /** Answers, readings and loads under way: the room is not forgotten meanwhile. */
  work: number
  isRebuilding: boolean
  isRebuildWaiting: boolean
  rebuildNotBefore: number
  rebuiltAt: number
  /** Deletions of rows after those that a rebuild under way takes in. */
  deletesSince: Ranges | undefined
  isFollowing: boolean
  followsAgain: boolean
  /** A row up to here is in the store, whoever appended it. */
  followTo: number
  /** The newest row that a hint, or a commit of this relay, told of. */
  toldTo: number
  /** How often the store was found to hold another history than the one that was shown here: places counted in the one say nothing in the other. */
  forks: number
  /** To the other relays of the same store; undefined where there are none. */
  link: Link | undefined
  /** Whether the newest row is this relay's own; else the relay whose it is rewrites the base, and this one after a while. */
  isLastOwn: boolean
  leftToOtherAt: number
}

/** What the parts of the open relay share. */
export interface Context {
  readonly clock: Clock
  readonly limits: OpenLimits
  readonly counters: OpenCounters
  isHalted(): boolean
  close(member: Member, code: number): void
  /** Something about the room has ended: it may be due for a rebuild, or for being forgotten. */
  settle(room: Room): void
  failed(room: Room, reason: string): void
  /** Presence that is for the relay. @returns what the socket is told */
  report(report: PresenceReport): Presence | undefined
}

const emptyHeld = (): Held => ({
  clocks: new Map(),
  islands: new Map(),
  tailDeletes: new Map(),
  allDeletes: new Map(),
  baseDeletes: undefined
})

export const createRoom = (name: RoomName, now: number): Room => ({
  name,
  members: [],
  state: 'loading',
  head: 0,
  mark: 0,
  base: undefined,
  baseClocks: new Map(),
  held: emptyHeld(),
  tail: [],
  tailBytes: 0,
  tailRows: 0,
  step1: undefined,
  deletesAnswer: undefined,
  tailAnswer: undefined,
  baseAnswers: undefined,
  pending: [],
  pendingBytes: 0,
  lastTaken: 0,
  spentUpdates: 0,
  spentBytes: 0,
  shares: undefined,
  isCommitting: false,
  recent: undefined,
  recentUsed: 0,
  recentFrom: 1,
  presences: new Map(),
  present: undefined,
  leavers: undefined,
  isPresenceDue: false,
  heardAt: now,
  work: 0,
  isRebuilding: false,
  isRebuildWaiting: false,
  rebuildNotBefore: 0,
  rebuiltAt: 0,
  deletesSince: undefined,
  isFollowing: false,
  followsAgain: false,
  followTo: 0,
  toldTo: 0,
  forks: 0,
  link: undefined,
  isLastOwn: false,
  leftToOtherAt: 0
})

/** Sync step 1: what this relay holds, so that a client sends the rest. */
export const step1Of = (room: Room): Prepared => {
  room.step1 ??= { bytes: encodeStep1(encodeStateVector(room.held.clocks)) }
  return room.step1
}

/** Nobody is here, and nothing is queued or under way. */
export const isIdle = (room: Room): boolean =>
  room.members.length === 0 &&
  room.pending.length === 0 &&
  room.leavers === undefined &&
  room.work === 0 &&
  !room.isCommitting &&
  !room.isRebuilding &&
  !room.isRebuildWaiting &&
  !room.isFollowing

/** @returns whether what was read of the room since may not be put beside what it holds by then */
export const isMovedFrom = (room: Room): (() => boolean) => {
  const { base, forks } = room
  return () => room.base !== base || room.forks !== forks
}

export const addMember = (room: Room, member: Member): void => {
  member.index = room.members.length
  room.members.push(member)
}

/** The last takes the place: a list, because a Set costs twice as much to walk for every message. */
export const removeMember = (room: Room, member: Member): void => {
  const last = room.members.pop()
  if (last === undefined || last === member) return
  room.members[member.index] = last
  last.index = member.index
}
