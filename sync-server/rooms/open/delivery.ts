import type { Prepared } from '#server/rooms/relay-ports.ts'
import { type Context, type Member, type Room, step1Of } from './room.ts'

/** Hands messages to sockets and watches what they have not taken. */
export interface Delivery {
  /** One answer: all of it is sent, whatever the socket has not taken. */
  tell(member: Member, messages: readonly Prepared[]): void
  /**
   * To all who are pushed to, but `except`.
   * @param toAnswering also to those whose answer is under way: presence is no part of it
   */
  tellAll(room: Room, message: Prepared, except?: Member, toAnswering?: boolean): void
  /** @returns whether it is pushed to from now on. */
  live(member: Member): boolean
  /** It is answered once it has taken everything. */
  park(member: Member): void
  forget(member: Member): void
  /** Those who are not pushed to. */
  readonly behind: ReadonlySet<Member>
}

/** What many share a socket does not count as waiting (docs/spec/sockets.md, WS16): here it is, from this size on. */
const LARGE_BYTES = 16_384

export const createDelivery = (ctx: Context): Delivery => {
  const { counters, limits, clock } = ctx
  const behind = new Set<Member>()

  /** A set keeps the order of coming: the first has been behind for longest. */
  const countBehind = (): void => {
    const [first] = behind
    counters.behind = behind.size
    counters.behindSince = first?.behindSince ?? 0
  }

  const fallBehind = (member: Member): void => {
    if (member.mode === 'closed') return
    counters.fellBehind++
    member.mode = 'behind'
    member.behindSince = clock.now()
    member.cursor = member.room.head
    member.cursorClaim = step1Of(member.room)
    behind.add(member)
    countBehind()
  }

  const tell = (member: Member, messages: readonly Prepared[]): void => {
    let waiting = 0
    for (const message of messages) {
      if (member.mode === 'closed') return
      counters.deliveries++
      counters.bytesOut += message.bytes.byteLength
      member.unread += message.bytes.byteLength
      waiting = member.socket.sendPrepared(message)
    }
    if (waiting > limits.bufferBytes) fallBehind(member)
  }

  const isFull = (member: Member, bytes: number): boolean => {
    member.unread += bytes
    return member.unread > limits.bufferBytes
  }

  // The loop runs once for every message and socket: nothing is made in it, and the bound is one comparison.
  const tellAll = (room: Room, message: Prepared, except?: Member, toAnswering = false): void => {
    const { members } = room
    const bound = limits.bufferBytes
    const large = message.bytes.byteLength > LARGE_BYTES ? message.bytes.byteLength : 0
    let told = 0
    // Backwards: a socket that ends while it is written to has its place taken by one that was told already.
    for (let i = members.length - 1; i >= 0; i--) {
      const member = members[i]
      if (member === undefined || member === except) continue
      if (member.mode !== 'live' && !(toAnswering && member.mode === 'answering')) continue
      told++
      if (member.socket.sendPrepared(message) > bound) fallBehind(member)
      else if (large > 0 && isFull(member, large)) fallBehind(member)
    }
    counters.deliveries += told
    counters.bytesOut += told * message.bytes.byteLength
  }

  return {
    tell,
    tellAll,
    live(member) {
      if (member.mode === 'closed') return false
      member.mode = 'live'
      member.cursorClaim = undefined
      if (behind.delete(member)) countBehind()
      return true
    },
    park: fallBehind,
    forget(member) {
      if (behind.delete(member)) countBehind()
    },
    behind
  }
}
