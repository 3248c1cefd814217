import { OPEN_CLOSE } from '#core/close-codes.ts'
import type { RoomName } from '#server/rooms/open-ports.ts'
import type { BaseAnswers } from './base-answers.ts'
import type { Delivery } from './delivery.ts'
import type { PresenceTicks } from './presence-ticks.ts'
import type { EditRate } from './rates.ts'
import type { Context, Room } from './room.ts'
import type { TailAnswers } from './tail-answers.ts'

/** Told to those who have heard nothing for a while: an awareness message of nobody. */
const SILENCE = { bytes: new Uint8Array([1, 1, 0]) }
const PRESENCE_SWEEP_MS = 15_000

/** What time does to rooms, once a second. */
export const createRoomsTick = (
  ctx: Context,
  rooms: ReadonlyMap<RoomName, Room>,
  parts: {
    readonly bases: BaseAnswers
    readonly tails: TailAnswers
    readonly delivery: Delivery
    readonly presence: PresenceTicks
    readonly rate: EditRate
  }
): ((now: number) => void) => {
  const { clock, limits } = ctx
  const { bases, tails, delivery, presence, rate } = parts
  let sweptAt = clock.now()
  let refilledAt = clock.now()

  return (now) => {
    bases.tick()
    tails.tick()
    for (const member of delivery.behind) {
      const answerMs = (member.unread * 1_000) / limits.slowBytesPerSecond
      if (now - member.behindSince > limits.slowMs + answerMs) ctx.close(member, OPEN_CLOSE.slow)
    }
    const isSweep = now - sweptAt > PRESENCE_SWEEP_MS
    if (isSweep) sweptAt = now
    const seconds = Math.max(0, now - refilledAt) / 1_000
    refilledAt = now
    for (const room of rooms.values()) {
      if (room.spentBytes > 0) rate.refill(room, seconds)
      if (isSweep) presence.sweep(room, now)
      if (now - room.heardAt < limits.silenceMs) continue
      room.heardAt = now
      delivery.tellAll(room, SILENCE, undefined, true)
    }
  }
}
