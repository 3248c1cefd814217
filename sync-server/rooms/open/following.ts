import type { HintMessage } from '#server/protocol/relay-messages.ts'
import type { Merger, UpdateLog } from '#server/rooms/open-ports.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import type { Delivery } from './delivery.ts'
import { takeRow } from './loading.ts'
import { type RecentRows, rowMessage } from './recent-rows.ts'
import type { Context, Room } from './room.ts'
import { factsOf } from './row-reading.ts'

/**
 * Rows that another relay of the same store appended are read and shown. The store is the truth: whatever says that there are some,
 * a hint, a poll or a jump in the sequence, only starts the reading.
 */
export interface Following {
  /** @param upTo a seq that the store is known to hold; 0 = look whether there is anything */
  follow(room: Room, upTo?: number): void
  /** A hint, and perhaps the rows that lead up to it: those that follow the room's head without a gap need no reading. */
  hinted(room: Room, hint: HintMessage): void
  /** @returns false where the rows cannot be read. */
  reach(room: Room, seq: number): Promise<boolean>
  /** The room has ended: nobody waits for it any more. */
  drop(room: Room): void
}

interface Waiting {
  readonly seq: number
  readonly resolve: (isReached: boolean) => void
}

const PAGE_BYTES = 256_000
/** A reading that failed is tried again as long as somebody is in the room. */
const RETRY_MS = 1_000

type Outcome = 'done' | 'stale' | 'forked' | 'failed'

export const createFollowing = (
  ctx: Context,
  log: UpdateLog,
  merger: Merger,
  recent: RecentRows,
  delivery: Delivery,
  onStale: (room: Room) => void,
  /** The store holds another history than the one that was shown here. */
  onForked: (room: Room) => void
): Following => {
  const waitingByRoom = new Map<Room, Waiting[]>()

  const show = (room: Room, bytes: Uint8Array): void => {
    room.isLastOwn = false
    recent.keep(room, bytes)
    delivery.tellAll(room, rowMessage(bytes))
  }

  /** 'stale': another relay has rewritten the base, and taken rows that were not read yet. */
  const read = async (room: Room): Promise<Outcome> => {
    for (;;) {
      const { head, mark } = room
      const page = await log.readAfter(room.name, head, PAGE_BYTES, mark)
      if (ctx.isHalted() || room.state !== 'open') return 'done'
      if (!page.ok && page.error.kind === 'fork') return 'forked'
      if (!page.ok) {
        ctx.failed(room, page.error.kind)
        return 'failed'
      }
      if (page.value.length === 0) return room.head < room.followTo ? 'stale' : 'done'
      for (const row of page.value) {
        if (row.seq !== room.head + 1) return 'stale'
        const facts = await factsOf(merger, row.bytes, ctx.limits.inlineBytes)
        if (ctx.isHalted() || room.state !== 'open') return 'done'
        if (!facts.ok || !takeRow(room, row, facts.value).ok) {
          ctx.failed(room, `row ${row.seq} cannot be read`)
          return 'failed'
        }
        show(room, row.bytes)
      }
    }
  }

  /** @param isOver nothing more is being read: what was not reached is not to be had */
  const settleWaiting = (room: Room, isOver: boolean): void => {
    const waiting = waitingByRoom.get(room)
    if (waiting === undefined) return
    const left: Waiting[] = []
    for (const each of waiting) {
      if (room.head >= each.seq) each.resolve(true)
      else if (isOver) each.resolve(false)
      else left.push(each)
    }
    if (left.length > 0) waitingByRoom.set(room, left)
    else waitingByRoom.delete(room)
  }

  const end = (room: Room, outcome: Outcome): void => {
    room.isFollowing = false
    const isOver = outcome === 'done' && room.state === 'open' && !room.followsAgain && room.head >= room.followTo
    settleWaiting(room, isOver || outcome === 'failed')
    if (outcome === 'stale') onStale(room)
    else if (outcome === 'forked') onForked(room)
    else if (outcome === 'failed') ctx.clock.after(RETRY_MS, () => room.members.length > 0 && follow(room))
    // What was appended after the last page was read.
    else if (room.followsAgain || room.head < room.followTo) follow(room)
    ctx.settle(room)
  }

  const follow = (room: Room, upTo = 0): void => {
    if (upTo > room.followTo) room.followTo = upTo
    if (room.state !== 'open' || ctx.isHalted()) return
    if (room.isFollowing) {
      room.followsAgain = true
      return
    }
    room.isFollowing = true
    room.followsAgain = false
    read(room)
      .catch((cause: unknown): Outcome => {
        ctx.failed(room, String(cause))
        return 'failed'
      })
      .then((outcome) => end(room, outcome))
  }

  /** @returns false where a row is none: what follows it is not known to. */
  const take = (room: Room, { rows, mark }: HintMessage): boolean => {
    const taken = rows.map((bytes) => ({ bytes, facts: readUpdate(bytes) }))
    if (taken.some(({ facts }) => !facts.ok)) return false
    for (const { bytes, facts } of taken) {
      if (!facts.ok || !takeRow(room, { seq: room.head + 1, mark, bytes }, facts.value).ok) return false
      show(room, bytes)
    }
    return true
  }

  return {
    follow,
    hinted(room, hint) {
      const { seq, mark, before, rows } = hint
      if (seq > room.toldTo) room.toldTo = seq
      if (seq < room.head || (seq === room.head && mark === room.mark)) return
      const isNext = rows.length > 0 && seq - rows.length === room.head && before === room.mark
      if (!isNext || room.isFollowing || room.state !== 'open' || !take(room, hint)) follow(room, seq)
    },
    reach(room, seq) {
      if (room.head >= seq && room.state === 'open') return Promise.resolve(true)
      if (room.state === 'gone') return Promise.resolve(false)
      return new Promise((resolve) => {
        const waiting = waitingByRoom.get(room) ?? []
        waiting.push({ seq, resolve })
        waitingByRoom.set(room, waiting)
        follow(room, seq)
      })
    },
    drop(room) {
      for (const { resolve } of waitingByRoom.get(room) ?? []) resolve(false)
      waitingByRoom.delete(room)
    }
  }
}
