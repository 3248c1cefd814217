import { OPEN_CLOSE } from '#core/close-codes.ts'
import { type Clocks, lacksOf } from '#server/protocol/open/state-vector.ts'
import { rowsAfter, rowsLacking } from '#server/protocol/open/tail.ts'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { clocksIn, deletesAnswer, lastOf } from './answer-parts.ts'
import type { BaseAnswers } from './base-answers.ts'
import type { Delivery } from './delivery.ts'
import type { RecentRows } from './recent-rows.ts'
import { type Context, isMovedFrom, type Member, NOWHERE, type Room } from './room.ts'
import type { TailAnswers } from './tail-answers.ts'

export interface Answering {
  /** Sends the socket what a peer with this state vector lacks, and from then on what comes. */
  answer(member: Member, clocks: Clocks): void
  /** The socket has taken everything: one that was behind gets what it missed. */
  catchUp(member: Member): void
  /**
   * The room was loaded anew under the socket, which was given all that the relay held at `claim`: it gets what it missed, as updates
   * alone. Its own step 1 may still be on its way, and only the answer to that makes it `synced`.
   */
  renew(member: Member, claim: Prepared): void
}

const ATTEMPTS = 20
const RELOAD_LOOK_MS = 20
export const createAnswering = (
  ctx: Context,
  recent: RecentRows,
  bases: BaseAnswers,
  tails: TailAnswers,
  delivery: Delivery,
  onCaughtUp: (member: Member) => void,
  /** The store lacks what the room knows of: @returns whether another relay has rewritten its base, and the room knows it by now. */
  wasRewritten: (room: Room) => Promise<boolean>
): Answering => {
  const { limits, counters } = ctx

  /** @returns undefined where it needs a read. */
  const answerAtOnce = (room: Room, clocks: Clocks): readonly Prepared[] | undefined => {
    if (room.state !== 'open' || (room.base !== undefined && lacksOf(clocks, room.baseClocks))) return undefined
    const plan = rowsLacking(room.tail, clocks, false)
    if (plan.length === 0) return deletesAnswer(room)
    const rows = recent.find(room, plan)
    const messages = rows && tails.merged(room, rows, plan)
    if (messages === undefined || messages instanceof Promise) return undefined
    return [...messages, ...deletesAnswer(room)]
  }

  /** While a room is loaded anew it knows only part of itself. */
  const whole = async (room: Room): Promise<void> => {
    while (room.state === 'loading' && !ctx.isHalted()) {
      await new Promise<void>((resolve) => ctx.clock.after(RELOAD_LOOK_MS, resolve))
    }
  }

  /** 'again': the base was replaced meanwhile. */
  const compose = async (
    room: Room,
    clocks: Clocks,
    ends: boolean
  ): Promise<readonly Prepared[] | 'again' | 'failed'> => {
    await whole(room)
    const { base } = room
    const isMoved = isMovedFrom(room)
    const lacksBase = base !== undefined && lacksOf(clocks, room.baseClocks)
    const messages: Prepared[] = []
    if (lacksBase) {
      const answer = await bases.answer(room, base, clocks)
      if (isMoved()) return 'again'
      if (answer === undefined) return (await wasRewritten(room)) ? 'again' : 'failed'
      messages.push(answer)
    }
    const seen = room.head
    const plan = rowsLacking(room.tail, clocks, lacksBase)
    const rows = await tails.read(room, plan)
    if (isMoved()) return 'again'
    if (!rows.ok) return (await wasRewritten(room)) ? 'again' : 'failed'
    messages.push(...(await tails.merged(room, rows.value, plan)))
    // What was committed while this was read: it is among the newest, or all is read again.
    if (isMoved()) return 'again'
    const since = recent.find(room, rowsAfter(room.tail, seen))
    if (since === undefined) return 'again'
    messages.push(...since)
    messages.push(...lastOf(room, lacksBase, ends))
    return messages
  }

  const finish = (member: Member, messages: readonly Prepared[]): void => {
    const wasBehind = member.cursorClaim !== undefined
    const next = member.asked
    member.asked = undefined
    if (!delivery.live(member)) return
    delivery.tell(member, messages)
    if (wasBehind) onCaughtUp(member)
    if (next !== undefined) answer(member, next)
  }

  const composeUntilDone = async (member: Member, clocks: Clocks, ends: boolean): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const messages = await compose(member.room, clocks, ends)
      if (ctx.isHalted() || member.mode === 'closed') return
      if (messages === 'failed') break
      if (messages !== 'again') {
        finish(member, messages)
        return
      }
    }
    ctx.close(member, OPEN_CLOSE.unavailable)
  }

  /** All rows since its cursor, deletions inside; undefined where the base has taken some of them. */
  const composeSince = async (room: Room, cursor: number): Promise<readonly Prepared[] | undefined> => {
    const { forks } = room
    await whole(room)
    // A place in another history, or inside the base by now.
    if (room.forks !== forks || cursor < (room.base?.upto ?? 0)) return undefined
    const isMoved = isMovedFrom(room)
    const seen = room.head
    const plan = rowsAfter(room.tail, cursor)
    const rows = await tails.read(room, plan)
    if (!rows.ok || isMoved()) return undefined
    const messages = await tails.merged(room, rows.value, plan)
    const since = isMoved() ? undefined : recent.find(room, rowsAfter(room.tail, seen))
    return since && [...messages, ...since]
  }

  const catchUpFrom = async (member: Member, cursor: number, claim: Prepared | undefined): Promise<void> => {
    const messages = await composeSince(member.room, cursor)
    if (ctx.isHalted() || member.mode === 'closed') return
    if (messages === undefined) await composeUntilDone(member, clocksIn(claim), false)
    else finish(member, messages)
  }

  const catchUpLater = async (member: Member): Promise<void> => {
    const { asked } = member
    member.asked = undefined
    if (asked === undefined) await catchUpFrom(member, member.cursor, member.cursorClaim)
    else await composeUntilDone(member, asked, true)
  }

  /** It is not pushed to meanwhile: what is committed until the answer is made is inside. */
  const begin = (member: Member, run: () => Promise<void>): void => {
    const { room } = member
    delivery.forget(member)
    member.mode = 'answering'
    counters.answers++
    room.work++
    void run()
      .catch((cause: unknown) => {
        ctx.failed(room, String(cause))
        ctx.close(member, OPEN_CLOSE.unavailable)
      })
      .finally(() => {
        room.work--
        ctx.settle(room)
      })
  }

  const answer = (member: Member, clocks: Clocks): void => {
    if (member.mode === 'closed') return
    // An answer may be a whole document, and asking for it costs a few bytes: the next begins when the last was taken.
    if (member.mode === 'live' && member.unread > limits.bufferBytes) delivery.park(member)
    if (member.mode !== 'live') {
      member.asked = clocks
      return
    }
    const atOnce = answerAtOnce(member.room, clocks)
    if (atOnce === undefined) {
      begin(member, () => composeUntilDone(member, clocks, true))
      return
    }
    counters.answers++
    delivery.tell(member, atOnce)
  }

  return {
    answer,
    catchUp(member) {
      if (member.mode === 'behind') begin(member, () => catchUpLater(member))
    },
    renew(member, claim) {
      // Who is behind is answered from where it is, and an answer that is being made holds what the room holds by then.
      if (member.mode !== 'live') return
      if (member.unread > limits.bufferBytes) {
        delivery.park(member)
        member.cursor = NOWHERE
        member.cursorClaim = claim
      } else begin(member, () => composeUntilDone(member, clocksIn(claim), false))
    }
  }
}
