import { encodeHeader, FIN, OPCODE } from './frame-format.ts'
import type { Outbound, Sink, Stream, Turn } from './outbound.ts'

/** How what gathered in a turn leaves. */

const FRAGMENT_BYTES = 131_072
/** Joined by copying up to so much: cheaper than a vector of buffers. */
const JOIN_BYTES = 16_384
const FIRST_FRAGMENT = encodeHeader(OPCODE.binary, FRAGMENT_BYTES)
const NEXT_FRAGMENT = encodeHeader(OPCODE.continuation, FRAGMENT_BYTES)
const NOTHING = new Uint8Array(0)

/** @param atEndOfTurn runs once when the work at hand is done */
export const createTurn = (atEndOfTurn: (run: () => void) => void): Turn => {
  let due: Outbound[] = []
  const run = (): void => {
    const now = due
    due = []
    for (const outbound of now) {
      outbound.isDue = false
      if (!outbound.isBlocked) flush(outbound)
    }
  }
  return {
    add(outbound) {
      if (outbound.isDue) return
      outbound.isDue = true
      if (due.push(outbound) === 1) atEndOfTurn(run)
    }
  }
}

const flush = (outbound: Outbound): void => {
  const { first, more, control, sink } = outbound
  if (first instanceof Uint8Array && more === undefined && control === undefined) {
    outbound.first = undefined
    outbound.bytes -= first.length
    sink.write(first)
  } else if (first !== undefined || control !== undefined) writeAll(sink, gather(outbound))
  settle(outbound)
}

/** Takes all small frames up to the first large message, and one fragment of that. */
const gather = (outbound: Outbound): readonly Uint8Array[] => {
  const { first, more = [], control } = outbound
  const parts: Uint8Array[] = control === undefined ? [] : [control]
  const items = first === undefined ? more : [first, ...more]
  let taken = 0
  for (const item of items) {
    if (!(item instanceof Uint8Array)) {
      if (takeFragment(outbound, item, parts)) taken++
      break
    }
    parts.push(item)
    outbound.bytes -= item.length
    taken++
  }
  outbound.control = undefined
  outbound.first = items[taken]
  outbound.more = items.length > taken + 1 ? items.slice(taken + 1) : undefined
  return parts
}

/** @returns whether it was the last one */
const takeFragment = (outbound: Outbound, stream: Stream, parts: Uint8Array[]): boolean => {
  const { bytes, at } = stream
  const end = Math.min(bytes.length, at + FRAGMENT_BYTES)
  const isLast = end === bytes.length
  const opcode = at === 0 ? OPCODE.binary : OPCODE.continuation
  const header = at === 0 ? FIRST_FRAGMENT : NEXT_FRAGMENT
  parts.push(isLast ? encodeHeader(FIN | opcode, end - at) : header, bytes.subarray(at, end))
  stream.at = end
  if (!stream.isShared) outbound.bytes -= end - at
  return isLast
}

const writeAll = (sink: Sink, parts: readonly Uint8Array[]): void => {
  let size = 0
  for (const part of parts) size += part.length
  if (parts.length > 1 && size <= JOIN_BYTES) {
    sink.write(Buffer.concat(parts, size))
    return
  }
  sink.cork()
  for (const part of parts) sink.write(part)
  sink.uncork()
}

/** After a write: wait for the system, go on in the next turn, end, or say that all is gone. */
const settle = (outbound: Outbound): void => {
  if (outbound.sink.writableLength > 0) {
    outbound.isBlocked = true
    outbound.onTaken ??= (failed) => {
      outbound.isBlocked = false
      if (!failed) settle(outbound)
    }
    // Nothing is written, but the answer comes when what stands before it is gone. An answer to each write would cost a tick each.
    outbound.sink.write(NOTHING, outbound.onTaken)
  } else if (outbound.first !== undefined || outbound.control !== undefined) outbound.turn.add(outbound)
  else if (outbound.endsAfter) {
    outbound.endsAfter = false
    outbound.sink.end()
  } else outbound.onDrained()
}
