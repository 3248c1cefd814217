import { OPEN_CLOSE } from '#core/close-codes.ts'
import { encodePermissionDenied } from '#server/protocol/open/messages.ts'
import type { Clock, ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import type { OpenCounters } from './open-counters.ts'
import type { OpenLimits } from './open-limits.ts'

/**
 * Stock clients before y-websocket 3.1 come back whatever the close code says, every few seconds and for ever. One that does is held for a
 * while, told nothing, so that a forgotten tab costs a socket and not a storm.
 */
export interface Refusing {
  /** @param path the room as it was asked for */
  refuse(socket: SharingSocketPort, address: string, path: string, reason: string): ConnectionHandle
  tick(now: number): void
  closeAll(code: number): void
}

interface Hold {
  readonly socket: SharingSocketPort
  readonly address: string
  readonly until: number
}

const REMEMBERED = 10_000
const LONGEST_PATH = 1_000
/** Bytes a held socket may send, all of them ignored: a stock client says what it holds and who it is. */
const MOST_HEARD = 1_000_000
const MESSAGE_COST = 100

export const createRefusing = (
  clock: Clock,
  limits: OpenLimits,
  counters: OpenCounters,
  close: (socket: SharingSocketPort, code: number) => void,
  wake: () => void
): Refusing => {
  /** When each was last refused, by address and path; the oldest first. A NUL is in neither. */
  const refusedAt = new Map<string, number>()
  const holds = new Set<Hold>()
  const heldByAddress = new Map<string, number>()

  const letGo = (hold: Hold): boolean => {
    if (!holds.delete(hold)) return false
    const left = (heldByAddress.get(hold.address) ?? 1) - 1
    if (left > 0) heldByAddress.set(hold.address, left)
    else heldByAddress.delete(hold.address)
    counters.heldSockets = holds.size
    return true
  }

  const cameBack = (key: string, now: number): boolean => {
    const at = refusedAt.get(key)
    refusedAt.delete(key)
    if (refusedAt.size >= REMEMBERED) {
      const [oldest] = refusedAt.keys()
      if (oldest !== undefined) refusedAt.delete(oldest)
    }
    refusedAt.set(key, now)
    return at !== undefined && now - at < limits.refusalMemoryMs
  }

  return {
    refuse(socket, address, path, reason) {
      const now = clock.now()
      const mayHold = holds.size < limits.held && (heldByAddress.get(address) ?? 0) < limits.heldPerAddress
      socket.send(encodePermissionDenied(reason))
      if (!cameBack(`${address}\0${path.slice(0, LONGEST_PATH)}`, now) || !mayHold) {
        close(socket, OPEN_CLOSE.refused)
        return { message() {}, drained() {}, closed() {} }
      }
      // All are held for the same time, so they are let go in the order they came.
      const hold: Hold = { socket, address, until: now + limits.holdMs }
      holds.add(hold)
      heldByAddress.set(address, (heldByAddress.get(address) ?? 0) + 1)
      counters.heldSockets = holds.size
      wake()
      let heard = 0
      return {
        message(bytes) {
          heard += bytes.byteLength + MESSAGE_COST
          if (heard > MOST_HEARD && letGo(hold)) close(socket, OPEN_CLOSE.refused)
        },
        drained() {},
        closed: () => void letGo(hold)
      }
    },
    tick(now) {
      for (const hold of holds) {
        if (hold.until > now) break
        if (letGo(hold)) close(hold.socket, OPEN_CLOSE.refused)
      }
      for (const [key, at] of refusedAt) {
        if (now - at < limits.refusalMemoryMs + limits.holdMs) break
        refusedAt.delete(key)
      }
    },
    closeAll(code) {
      for (const hold of [...holds]) if (letGo(hold)) close(hold.socket, code)
    }
  }
}
