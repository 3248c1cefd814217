import { OPEN_CLOSE } from '#core/close-codes.ts'
import { holdsAllOf } from '#server/protocol/open/held.ts'
import type { AppendedRow, RoomName } from '#server/rooms/open-ports.ts'
import { createAnswering } from './answering.ts'
import { createBaseAnswers } from './base-answers.ts'
import { createCarry } from './carrying.ts'
import { createOpenCommitter } from './committer.ts'
import { createCompaction } from './compaction.ts'
import { createCurrency } from './currency.ts'
import { createDelivery } from './delivery.ts'
import { createFollowing } from './following.ts'
import type { Links } from './links.ts'
import { leadsOn, loadRoom, takeOwnRow } from './loading.ts'
import type { OpenRelayOptions } from './open-relay-ports.ts'
import { createPresenceAcross } from './presence-across.ts'
import { createPresenceTicks, type PresenceTicks } from './presence-ticks.ts'
import { createEditRate } from './rates.ts'
import { createRebasing } from './rebasing.ts'
import { createReceiving, type Receiving } from './receiving.ts'
import { createRecentRows } from './recent-rows.ts'
import { addMember, type Context, createRoom, isIdle, type Member, NOWHERE, type Room, step1Of } from './room.ts'
import { createRoomsTick } from './rooms-tick.ts'
import type { PlannedRow } from './row-plan.ts'
import { createTailAnswers } from './tail-answers.ts'

/** The rooms that somebody is in, from the first who comes to the last commit and rebuild after the last has left. */
export interface OpenRooms {
  readonly receiving: Receiving
  readonly presence: PresenceTicks
  /** The room of this name, loading if it was not here. */
  enter(name: RoomName): Room
  has(name: RoomName): boolean
  size(): number
  join(member: Member): void
  drained(member: Member): void
  /** @param endedItself the peer did, or its line: what it said before counts */
  left(member: Member, endedItself: boolean): void
  settle(room: Room): void
  tick(now: number): void
  /** Asks the store about all rooms that somebody is in. `onUntold`: it holds what no relay told of. */
  look(onUntold: () => void): Promise<void>
  /** A relay is gone, and so are those who were there. */
  gone(origin: string): void
  /** Says anew who is here, and asks the others: messages may have been lost. */
  tellAgain(): void
  /** Resolves when nothing is queued or under way. */
  idle(): Promise<void>
}

const IDLE_LOOK_MS = 10
/** Beyond this, rooms that everybody has left are forgotten without being rewritten. */
const MOST_WAITING_REBUILDS = 1_000

export const createOpenRooms = (
  ctx: Context,
  { log, merger, random }: Pick<OpenRelayOptions, 'log' | 'merger' | 'random'>,
  /** To the other relays of the store; absent where this is the only one. */
  links?: Links
): OpenRooms => {
  const { clock, limits, counters } = ctx
  const rooms = new Map<RoomName, Room>()
  const recent = createRecentRows(limits, counters)
  const delivery = createDelivery(ctx)
  const across = createPresenceAcross(ctx, delivery, (room) => presence.schedule(room))
  const presence = createPresenceTicks(ctx, delivery, across)
  const bases = createBaseAnswers(ctx, log, merger)
  const tails = createTailAnswers(ctx, log, merger, recent)

  const tellPresent = (member: Member): void => {
    const present = presence.present(member.room)
    if (present !== undefined && member.mode === 'live') delivery.tell(member, [present])
  }
  /** Who was not pushed to missed goodbyes too. */
  const tellMissed = (member: Member): void => {
    if (member.mode === 'live') delivery.tell(member, presence.known(member.room))
  }
  const answering = createAnswering(ctx, recent, bases, tails, delivery, tellMissed, (room) => rebasing.refresh(room))

  const onRow = (room: Room, row: PlannedRow, place: AppendedRow): void => {
    room.link?.announce(place, row.bytes)
    room.toldTo = place.seq
    if (room.state !== 'open' || room.isFollowing || !leadsOn(room, place)) {
      following.follow(room, place.seq)
      return
    }
    room.isLastOwn = true
    takeOwnRow(room, row, place)
    recent.keep(room, row.bytes)
    delivery.tellAll(room, row.message, row.sole)
  }

  const committer = createOpenCommitter(ctx, log, onRow)

  /** The store was put back from an older copy, and may have grown again since: those in the room are asked for what it lost. */
  const putBack = (room: Room): void => {
    if (room.state !== 'open') return
    ctx.failed(room, 'the store holds another history than before: it was put back')
    room.forks++
    room.toldTo = 0
    reload(room)
  }

  const reload = (room: Room): void => {
    // A load under way is as good as a new one, and two at a time would mix.
    if (room.state !== 'open') return
    const claim = step1Of(room)
    const { held } = room
    const told = new Set(room.members)
    // Seqs may be given anew: only their claims say what they hold.
    for (const member of told) if (member.mode === 'behind') member.cursor = NOWHERE
    let hasLost: boolean | undefined
    room.state = 'loading'
    load(room, (member) => {
      if (!told.has(member)) return welcome(member)
      hasLost ??= !holdsAllOf(room.held, held)
      if (hasLost) delivery.tell(member, [step1Of(room)])
      answering.renew(member, claim)
    })
  }

  const following = createFollowing(ctx, log, merger, recent, delivery, reload, putBack)
  const rebasing = createRebasing(ctx, log, recent, reload)
  const compaction = createCompaction(ctx, log, merger, recent, createCarry(committer, clock), rebasing, random)
  const currency = createCurrency(ctx, log, following, answering.answer, putBack)
  const rate = createEditRate(limits, clock.now)
  const answer = links === undefined ? answering.answer : currency.whenCurrent
  const receiving = createReceiving(ctx, merger, committer, answer, presence, delivery, rate)

  const welcome = (member: Member): void => {
    delivery.tell(member, [step1Of(member.room)])
    tellPresent(member)
    receiving.resume(member)
  }

  const fail = (room: Room, reason: string): void => {
    counters.failedLoads++
    ctx.failed(room, reason)
    for (const member of [...room.members]) ctx.close(member, OPEN_CLOSE.unavailable)
    for (const member of room.leavers ?? []) receiving.left(member, false)
    room.leavers = undefined
    forget(room)
  }

  const load = (room: Room, greet: (member: Member) => void): void => {
    room.work++
    loadRoom(ctx, log, merger, recent, room)
      .catch((cause: unknown) => ({ ok: false as const, error: String(cause) }))
      .then((result) => {
        room.work--
        if (ctx.isHalted() || room.state === 'gone') return
        if (!result.ok) {
          fail(room, result.error)
          return
        }
        room.state = 'open'
        // Where this is the only relay it alone appends, and knows whether it did.
        const mayLack = links !== undefined || room.followTo > room.head
        room.followTo = 0
        for (const member of [...room.members]) greet(member)
        for (const member of [...(room.leavers ?? []), ...room.members]) receiving.resume(member)
        room.leavers = undefined
        // Rows that were committed while it was read.
        if (mayLack) following.follow(room)
        settle(room)
      })
  }

  const forget = (room: Room): void => {
    room.state = 'gone'
    room.link?.close()
    following.drop(room)
    rate.forgotten(room)
    recent.drop(room)
    if (rooms.get(room.name) === room) rooms.delete(room.name)
    counters.rooms = rooms.size
  }

  const settle = (room: Room): void => {
    if (room.state === 'gone' || ctx.isHalted()) return
    if (room.members.length > 0 || counters.rebuildsWaiting < MOST_WAITING_REBUILDS) compaction.consider(room)
    if (isIdle(room)) forget(room)
  }

  /** The others are asked at once who is with them. */
  const open = (links: Links, room: Room): void => {
    room.link = links(room, {
      onHint: following.hinted,
      onPresence: across.hear,
      onDeparted: across.departed
    })
    across.ask(room)
  }

  const enter = (name: RoomName): Room => {
    const known = rooms.get(name)
    if (known !== undefined) return known
    const room = createRoom(name, clock.now())
    rate.opened(room)
    rooms.set(name, room)
    counters.rooms = rooms.size
    if (links !== undefined) open(links, room)
    load(room, welcome)
    return room
  }

  return {
    receiving,
    presence,
    enter,
    has: (name) => rooms.has(name),
    size: () => rooms.size,
    join(member) {
      addMember(member.room, member)
      if (member.room.state === 'open') welcome(member)
    },
    drained(member) {
      member.unread = 0
      answering.catchUp(member)
    },
    left(member, endedItself) {
      delivery.forget(member)
      presence.leave(member)
      receiving.left(member, endedItself)
      settle(member.room)
    },
    settle,
    tick: createRoomsTick(ctx, rooms, { bases, tails, delivery, presence, rate }),
    look: (onUntold) => currency.look([...rooms.values()], onUntold),
    gone(origin) {
      for (const room of rooms.values()) across.gone(room, origin)
    },
    tellAgain() {
      for (const room of rooms.values()) {
        across.ask(room)
        // Whatever was appended here while nothing went out.
        const { head: seq, mark } = room
        if (room.isLastOwn) room.link?.publish({ kind: 'hint', seq, mark, before: mark, rows: [] })
      }
    },
    async idle() {
      for (;;) {
        await committer.idle()
        if (ctx.isHalted() || ![...rooms.values()].some(({ work }) => work > 0)) return
        await new Promise<void>((resolve) => clock.after(IDLE_LOOK_MS, resolve))
      }
    }
  }
}
