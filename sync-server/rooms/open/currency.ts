import { OPEN_CLOSE } from '#core/close-codes.ts'
import type { Clocks } from '#server/protocol/open/state-vector.ts'
import type { RoomPlace, UpdateLog } from '#server/rooms/open-ports.ts'
import { HINT_GRACE_MS } from '#server/rooms/polling.ts'
import type { Following } from './following.ts'
import type { Context, Member, Room } from './room.ts'

/**
 * Whether a room holds all that the store does. Another relay may have appended a row whose hint is late or lost, so the store is asked:
 * before a step 1 is answered, and now and then for all rooms that somebody is in. One question for all who ask at the same time.
 */
export interface Currency {
  /** Runs when the room holds all that was durable when this was called. The socket is closed where that cannot be known. */
  whenCurrent(member: Member, clocks: Clocks): void
  /**
   * Asks for those of these rooms that somebody is in; those that are behind are read.
   * @param onUntold there was a row that nobody has told of, nor does so a little later
   */
  look(rooms: readonly Room[], onUntold: () => void): Promise<void>
}

/** Rooms in one question. */
const MOST_ROOMS = 5_000

export const createCurrency = (
  ctx: Context,
  log: UpdateLog,
  following: Following,
  answer: (member: Member, clocks: Clocks) => void,
  /** The store holds another history than this relay has shown, as far as the heads tell: it was put back. */
  onForked: (room: Room) => void
): Currency => {
  let waiting: { readonly member: Member; readonly clocks: Clocks }[] = []
  let isAsking = false

  const isForked = (seen: RoomPlace, { seq, mark }: RoomPlace): boolean =>
    seq < seen.seq || (seq === seen.seq && mark !== seen.mark)

  /** @returns the heads, in order; undefined where they cannot be known */
  const ask = async (rooms: readonly Room[]): Promise<readonly RoomPlace[] | undefined> => {
    const seen = rooms.map(({ head, mark }) => ({ seq: head, mark }))
    try {
      const heads = await log.heads(rooms.map(({ name }) => name))
      if (!heads.ok) {
        const [first] = rooms
        if (first !== undefined) ctx.failed(first, `heads: ${heads.error.kind}`)
        return undefined
      }
      rooms.forEach((room, index) => {
        const [before, now] = [seen[index], heads.value[index]]
        if (before !== undefined && now !== undefined && isForked(before, now) && !ctx.isHalted()) onForked(room)
      })
      return heads.value
    } catch (cause) {
      const [first] = rooms
      if (first !== undefined) ctx.failed(first, String(cause))
      return undefined
    }
  }

  const answerAll = async (due: typeof waiting): Promise<void> => {
    const rooms = [...new Set(due.map(({ member }) => member.room))]
    const heads = await ask(rooms)
    const headByRoom = new Map(rooms.map((room, index) => [room, heads?.[index]?.seq]))
    for (const { member, clocks } of due) void answerWhenReached(member, clocks, headByRoom.get(member.room))
  }

  const answerWhenReached = async (member: Member, clocks: Clocks, head: number | undefined): Promise<void> => {
    const { room } = member
    const isCurrent = head !== undefined && (await following.reach(room, head))
    room.work--
    if (ctx.isHalted()) return
    if (isCurrent) answer(member, clocks)
    else ctx.close(member, OPEN_CLOSE.unavailable)
    ctx.settle(room)
  }

  const run = async (): Promise<void> => {
    while (waiting.length > 0 && !ctx.isHalted()) {
      const due = waiting
      waiting = []
      await answerAll(due)
    }
    isAsking = false
  }

  return {
    whenCurrent(member, clocks) {
      member.room.work++
      waiting.push({ member, clocks })
      if (isAsking) return
      isAsking = true
      // What came in the same turn is in the same question.
      ctx.clock.after(0, () => void run())
    },
    async look(all, onUntold) {
      const rooms = all.filter(({ state, members }) => state === 'open' && members.length > 0)
      const ahead: { readonly room: Room; readonly head: number }[] = []
      for (let from = 0; from < rooms.length && !ctx.isHalted(); from += MOST_ROOMS) {
        const part = rooms.slice(from, from + MOST_ROOMS)
        const heads = await ask(part)
        part.forEach((room, index) => {
          const head = heads?.[index]?.seq ?? 0
          if (head <= room.head) return
          ahead.push({ room, head })
          following.follow(room, head)
        })
      }
      if (ahead.length === 0) return
      ctx.clock.after(HINT_GRACE_MS, () => {
        if (ahead.some(({ room, head }) => room.state === 'open' && room.toldTo < head)) onUntold()
      })
    }
  }
}
