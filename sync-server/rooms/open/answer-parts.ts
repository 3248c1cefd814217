import { decodeOpenMessage, encodeStep2, encodeUpdate } from '#server/protocol/open/messages.ts'
import { encodeDeletes } from '#server/protocol/open/ranges.ts'
import { type Clocks, decodeStateVector } from '#server/protocol/open/state-vector.ts'
import type { Prepared } from '#server/rooms/relay-ports.ts'
import { mergeMany } from './merge-many.ts'
import type { Room } from './room.ts'

/** A step 2 of nothing: it ends an answer whose content went before, so that `synced` comes last. */
const END: Prepared = { bytes: new Uint8Array([0, 1, 2, 0, 0]) }

/** A larger delete set is not written anew for every row that deletes: the base's goes as it is, that of the rows beside it. */
const SMALL_DELETES_BYTES = 16_000

/** @param encodeLast step 2 where it ends an answer, an update otherwise */
const deletesOf = ({ held }: Room, encodeLast: (update: Uint8Array) => Uint8Array): readonly Prepared[] => {
  const base = held.baseDeletes
  const hasBase = base !== undefined && base.byteLength > 2
  if (held.tailDeletes.size === 0) return hasBase ? [{ bytes: encodeLast(base) }] : []
  const tail = encodeDeletes(held.tailDeletes)
  if (!hasBase) return [{ bytes: encodeLast(tail) }]
  if (base.byteLength > SMALL_DELETES_BYTES) return [{ bytes: encodeUpdate(base) }, { bytes: encodeLast(tail) }]
  return [{ bytes: encodeLast(mergeMany([base, tail])) }]
}

/** What ends an answer: all that was deleted, which a state vector cannot tell. Made once for all, until it changes. */
export const deletesAnswer = (room: Room): readonly Prepared[] => {
  if (room.deletesAnswer === undefined) {
    const messages = deletesOf(room, encodeStep2)
    room.deletesAnswer = messages.length === 0 ? [END] : messages
  }
  return room.deletesAnswer
}

/** The same for those who have not asked, once for all of them. */
const updatesByAnswer = new WeakMap<readonly Prepared[], readonly Prepared[]>()
const deletesUpdates = (room: Room): readonly Prepared[] => {
  const answer = deletesAnswer(room)
  const made = updatesByAnswer.get(answer) ?? deletesOf(room, encodeUpdate)
  updatesByAnswer.set(answer, made)
  return made
}

/**
 * @param lacksBase then the base went before, deletions inside
 * @param ends whether it answers a step 1
 */
export const lastOf = (room: Room, lacksBase: boolean, ends: boolean): readonly Prepared[] => {
  if (lacksBase) return ends ? [END] : []
  return ends ? deletesAnswer(room) : deletesUpdates(room)
}

/** What a sync step 1 claims. */
export const clocksIn = (claim: Prepared | undefined): Clocks => {
  const message = claim && decodeOpenMessage(claim.bytes)
  const clocks = message?.kind === 'step1' ? decodeStateVector(message.stateVector) : undefined
  return clocks?.ok === true ? clocks.value : new Map()
}
