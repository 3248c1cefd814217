import type { Result } from '#core/result.ts'
import { encodeOwnUpdate } from '#server/protocol/open/messages.ts'
import { type Clocks, encodeStateVector } from '#server/protocol/open/state-vector.ts'
import {
  BASE_FRONT_BYTES,
  type BaseHead,
  type Merger,
  type OpenStoreFailure,
  type UpdateLog
} from '#server/rooms/open-ports.ts'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { rowMessage, updateIn } from './recent-rows.ts'
import type { Context, Room, RowMessage } from './room.ts'

/** A base, or what is lacking of it, made once for all who ask at the same time. */
export interface BaseAnswers {
  /** undefined: the base is no longer there, or could not be read; which of the two the room's base tells. */
  answer(room: Room, base: BaseHead, clocks: Clocks): Promise<Prepared | undefined>
  /** Lets go of what nobody asks for any more; sockets that still send it hold it themselves. Once a second. */
  tick(): void
}

const WHOLE = ''

/** As text, because a Map compares bytes by identity. */
const keyOf = (clocks: Clocks): string => {
  let key = ''
  for (const byte of encodeStateVector(clocks)) key += String.fromCharCode(byte)
  return key
}

/** So many at a time: each holds a copy of its base on the other thread. */
const DIFFS_AT_ONCE = 4

const createTurns = (most: number) => {
  const waiting: (() => void)[] = []
  let busy = 0
  return async <Value>(run: () => Promise<Value>): Promise<Value> => {
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    busy++
    try {
      return await run()
    } finally {
      busy--
      waiting.shift()?.()
    }
  }
}

export const createBaseAnswers = (ctx: Context, log: UpdateLog, merger: Merger): BaseAnswers => {
  /** Rooms with answers; those of the tick before are let go. */
  let fresh = new Set<Room>()
  let old = new Set<Room>()
  const turn = createTurns(DIFFS_AT_ONCE)

  const read = async (room: Room, base: BaseHead): Promise<Uint8Array | undefined> => {
    const result: Result<Uint8Array | undefined, OpenStoreFailure> = await log.readBase(room.name, base.upto)
    if (result.ok) return result.value
    ctx.failed(room, result.error.kind === 'store' ? result.error.reason : result.error.kind)
    return undefined
  }

  /** What the peer holds of this base, and nothing else, so that all who were in step when a relay went away share one diff. */
  const within = (clocks: Clocks, room: Room): Clocks => {
    const shared = new Map<number, number>()
    for (const [client, clock] of room.baseClocks) {
      const own = Math.min(clock, clocks.get(client) ?? 0)
      if (own > 0) shared.set(client, own)
    }
    return shared
  }

  const readWhole = async (room: Room, base: BaseHead): Promise<RowMessage | undefined> => {
    const bytes = await read(room, base)
    if (bytes === undefined) return undefined
    ctx.counters.basesSent++
    const { byteLength } = bytes
    const message = encodeOwnUpdate(bytes, BASE_FRONT_BYTES)
    return { bytes: message, at: message.byteLength - byteLength }
  }

  const diff = async (whole: Promise<RowMessage | undefined>, held: Clocks): Promise<RowMessage | undefined> => {
    const message = await whole
    if (message === undefined) return undefined
    ctx.counters.diffsSent++
    return turn(async () => rowMessage(await merger.diff(updateIn(message), encodeStateVector(held))))
  }

  /** One that failed is not kept: the next who asks tries again. */
  const keep = (
    answers: Map<string, Promise<RowMessage | undefined>>,
    room: Room,
    key: string,
    make: () => Promise<RowMessage | undefined>
  ): Promise<RowMessage | undefined> => {
    const known = answers.get(key)
    if (known !== undefined) return known
    const made = make().then(
      (message) => {
        if (message === undefined) answers.delete(key)
        return message
      },
      (cause: unknown) => {
        answers.delete(key)
        ctx.failed(room, String(cause))
        return undefined
      }
    )
    answers.set(key, made)
    return made
  }

  return {
    answer(room, base, clocks) {
      const held = within(clocks, room)
      room.baseAnswers ??= new Map()
      fresh.add(room)
      const answers = room.baseAnswers
      const whole = keep(answers, room, WHOLE, () => readWhole(room, base))
      return held.size === 0 ? whole : keep(answers, room, keyOf(held), () => diff(whole, held))
    },
    tick() {
      for (const room of old) if (!fresh.has(room)) room.baseAnswers = undefined
      old = fresh
      fresh = new Set()
    }
  }
}
