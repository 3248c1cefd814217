import { OPEN_CLOSE } from '#core/close-codes.ts'
import { holdsDeletes, holdsRuns } from '#server/protocol/open/held.ts'
import { decodeOpenMessage, encodePermissionDenied } from '#server/protocol/open/messages.ts'
import { decodeDeletes } from '#server/protocol/open/ranges.ts'
import { decodeStateVector } from '#server/protocol/open/state-vector.ts'
import type { Merger, UpdateFacts } from '#server/rooms/open-ports.ts'
import { readUpdate } from '#server/rooms/yjs.ts'
import type { Answering } from './answering.ts'
import type { OpenCommitter } from './committer.ts'
import type { Delivery } from './delivery.ts'
import type { PresenceTicks } from './presence-ticks.ts'
import type { EditRate } from './rates.ts'
import type { Context, Member } from './room.ts'

/** What a socket says, one message after the other. */
export interface Receiving {
  message(member: Member, bytes: Uint8Array): void
  /** The room is open: what came before is read now. */
  resume(member: Member): void
  /** @param endedItself then what it said is still read, once the room is open; else it is dropped */
  left(member: Member, endedItself: boolean): void
}

const READ_ONLY = encodePermissionDenied('this room cannot be written to')

/** What a message that waits costs beside its bytes. */
const WAITING_COST = 200
const READ = new Uint8Array(0)

const isEmpty = (update: Uint8Array): boolean => update.byteLength === 2 && update[0] === 0 && update[1] === 0

export const createReceiving = (
  ctx: Context,
  merger: Merger,
  committer: OpenCommitter,
  answer: Answering['answer'],
  presence: PresenceTicks,
  delivery: Delivery,
  rate: EditRate
): Receiving => {
  const { clock, limits, counters } = ctx

  /** @returns false where all sockets together wait with too much: for a store or a thread that does not keep up. */
  const mayWait = (bytes: number): boolean => {
    const sum = counters.waitingBytes + counters.queuedBytes
    if (sum > 0 && sum + bytes > limits.queueBytes) return false
    counters.waitingBytes += bytes
    return true
  }

  /** A bucket each for messages and bytes. @returns false where one is empty. */
  const spend = (member: Member, bytes: number, now: number): boolean => {
    const seconds = Math.max(0, now - member.tokensAt) / 1_000
    member.tokensAt = now
    member.messageTokens = Math.min(limits.messagesBurst, member.messageTokens + seconds * limits.messagesPerSecond) - 1
    member.byteTokens = Math.min(limits.bytesBurst, member.byteTokens + seconds * limits.bytesPerSecond) - bytes
    return member.messageTokens >= 0 && member.byteTokens >= 0
  }

  const warn = (member: Member): void => {
    if (member.wasWarned || member.mode !== 'live') return
    member.wasWarned = true
    delivery.tell(member, [{ bytes: READ_ONLY }])
  }

  const take = (member: Member, bytes: Uint8Array, message: Uint8Array | undefined, facts: UpdateFacts): void => {
    const { room } = member
    if (facts.deletes !== undefined && facts.deletes.byteLength > limits.deleteSetBytes) {
      ctx.close(member, OPEN_CLOSE.tooLarge)
      return
    }
    const deletes = facts.deletes === undefined ? undefined : decodeDeletes(facts.deletes)
    if (deletes?.ok === false) {
      ctx.close(member, OPEN_CLOSE.malformed)
      return
    }
    const deleted = deletes?.value
    if (holdsRuns(room.held, facts.runs) && (deleted === undefined || holdsDeletes(room.held, deleted))) {
      counters.known++
      return
    }
    if (!member.writes) {
      warn(member)
      return
    }
    const size = (room.base?.size ?? 0) + room.tailBytes + room.pendingBytes + bytes.byteLength
    if (size > limits.roomBytes) {
      ctx.close(member, OPEN_CLOSE.tooLarge)
      return
    }
    const at = clock.now()
    const update = { member, bytes, message, runs: facts.runs, deletes: deleted, at, done: undefined }
    if (!committer.add(room, update)) ctx.close(member, OPEN_CLOSE.unavailable)
  }

  /** On the other thread; what the socket says meanwhile waits, and the room stays for it. */
  const inspect = async (member: Member, bytes: Uint8Array, message: Uint8Array | undefined): Promise<void> => {
    const { room } = member
    if (!mayWait(bytes.byteLength)) {
      ctx.close(member, OPEN_CLOSE.unavailable)
      return
    }
    member.isReading = true
    room.work++
    try {
      const facts = await merger.inspect(bytes).finally(() => {
        counters.waitingBytes -= bytes.byteLength
      })
      if (ctx.isHalted()) return
      // Though the socket may have ended by now: what it sent was taken.
      if (facts.ok) take(member, bytes, message, facts.value)
      else ctx.close(member, OPEN_CLOSE.malformed)
    } catch (cause) {
      ctx.failed(room, String(cause))
      ctx.close(member, OPEN_CLOSE.unavailable)
    } finally {
      member.isReading = false
      room.work--
      resume(member)
      ctx.settle(room)
    }
  }

  const update = (member: Member, bytes: Uint8Array, message: Uint8Array | undefined): void => {
    if (isEmpty(bytes)) return
    if (!rate.take(member, bytes.byteLength)) {
      ctx.close(member, OPEN_CLOSE.rate)
      return
    }
    if (bytes.byteLength > limits.inlineBytes) {
      void inspect(member, bytes, message)
      return
    }
    const facts = readUpdate(bytes)
    if (facts.ok) take(member, bytes, message, facts.value)
    else ctx.close(member, OPEN_CLOSE.malformed)
  }

  const handle = (member: Member, bytes: Uint8Array): void => {
    const message = decodeOpenMessage(bytes)
    // Who has gone asks for nothing and is not there.
    if (member.mode === 'closed' && message.kind !== 'update') return
    switch (message.kind) {
      case 'update':
        update(member, message.update, message.exact ? bytes : undefined)
        return
      case 'awareness':
        if (message.entries.byteLength > limits.presenceMessageBytes) ctx.close(member, OPEN_CLOSE.tooLarge)
        else presence.hear(member, message.entries)
        return
      case 'step1': {
        if (message.stateVector.byteLength > limits.stateVectorBytes) {
          ctx.close(member, OPEN_CLOSE.tooLarge)
          return
        }
        const clocks = decodeStateVector(message.stateVector)
        if (clocks.ok) answer(member, clocks.value)
        else ctx.close(member, OPEN_CLOSE.malformed)
        return
      }
      case 'query-awareness': {
        const present = presence.present(member.room)
        // Who does not read is told when it has read.
        if (member.mode === 'live' && member.unread > limits.bufferBytes) delivery.park(member)
        if (present !== undefined && member.mode === 'live') delivery.tell(member, [present])
        return
      }
      case 'malformed':
        ctx.close(member, OPEN_CLOSE.malformed)
        return
      default:
        return
    }
  }

  const drop = (member: Member): void => {
    for (const bytes of member.inbox ?? []) if (bytes !== READ) counters.waitingBytes -= bytes.byteLength + WAITING_COST
    member.inbox = undefined
  }

  const resume = (member: Member): void => {
    const { inbox } = member
    if (inbox === undefined) return
    if (member.room.state === 'gone') {
      drop(member)
      return
    }
    let read = 0
    while (read < inbox.length && member.inbox === inbox && !member.isReading && member.room.state === 'open') {
      const bytes = inbox[read]
      if (bytes === undefined) break
      inbox[read++] = READ
      counters.waitingBytes -= bytes.byteLength + WAITING_COST
      handle(member, bytes)
    }
    if (read === inbox.length) member.inbox = undefined
    else if (member.inbox === inbox) inbox.splice(0, read)
  }

  return {
    message(member, bytes) {
      if (member.mode === 'closed' || ctx.isHalted()) return
      counters.framesIn++
      counters.bytesIn += bytes.byteLength
      if (bytes.byteLength > limits.messageBytes) {
        ctx.close(member, OPEN_CLOSE.tooLarge)
        return
      }
      if (!spend(member, bytes.byteLength, clock.now())) {
        ctx.close(member, OPEN_CLOSE.rate)
        return
      }
      if (member.room.state === 'open' && !member.isReading && member.inbox === undefined) {
        handle(member, bytes)
        return
      }
      if (!mayWait(bytes.byteLength + WAITING_COST)) {
        ctx.close(member, OPEN_CLOSE.unavailable)
        return
      }
      member.inbox ??= []
      member.inbox.push(bytes)
    },
    resume,
    left(member, endedItself) {
      const { room, inbox } = member
      if (endedItself && inbox !== undefined) {
        // The reader of its large message goes on with the rest.
        if (member.isReading) return
        if (room.state === 'loading') {
          room.leavers ??= []
          room.leavers.push(member)
          return
        }
      }
      drop(member)
    }
  }
}
