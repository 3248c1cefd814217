import { isUtf8 } from 'node:buffer'
import { CLOSE } from '#core/close-codes.ts'
import { type Assembly, type AssemblyLimits, beginAssembly, beginFrame, endAssembly, takePayload } from './assembly.ts'
import { FIN, isCloseCode, MASKED, MAX_CONTROL_BYTES, OPCODE, STATUS } from './frame-format.ts'
import { unmask } from './unmask.ts'

/**
 * Reads a client's frames as they come (RFC 6455, section 5), in chunks of any size. What breaks a rule ends it with a close
 * code; a message too large is refused at its header. Text is no message of this relay's and is refused there too.
 */

export interface InboundLimits extends AssemblyLimits {
  /** A message may come in so many fragments, and in one more for each `fragmentBytes` of it. */
  readonly fragments: number
  readonly fragmentBytes: number
}

/** What came, told in order. Bytes are the listener's own. */
export interface Listener<Owner> {
  message(owner: Owner, bytes: Uint8Array): void
  /** A control frame: as long as it answers undefined, reading goes on. @returns a close code */
  ping(owner: Owner, payload: Uint8Array): number | undefined
  pong(owner: Owner): number | undefined
  /** @param code undefined where the peer gave none. Nothing that follows is read. */
  close(owner: Owner, code: number | undefined): void
  /**
   * Unfinished messages hold more than they may, this one's newest bytes included. Whoever is ended for it is ended by the
   * listener.
   */
  crowded(owner: Owner): void
  /** A frame broke a rule; nothing that follows is read. */
  broken(owner: Owner, code: number): void
}

export interface Inbound {
  readonly limits: InboundLimits
  /** A header or control frame of which the end has not come. */
  rest: Uint8Array | undefined
  restBytes: number
  assembly: Assembly | undefined
  isOver: boolean
}

export const newInbound = (limits: InboundLimits): Inbound => ({
  limits,
  rest: undefined,
  restBytes: 0,
  assembly: undefined,
  isOver: false
})

const MASK_BYTES = 4
const REST_BYTES = 2 + MASK_BYTES + MAX_CONTROL_BYTES
const NOTHING = new Uint8Array(0)

/** Gives back what an unfinished message held; nothing is read any more. */
export const endInbound = (inbound: Inbound): void => {
  if (inbound.assembly !== undefined) inbound.limits.reception.bytes -= inbound.assembly.received
  inbound.assembly = undefined
  inbound.rest = undefined
  inbound.isOver = true
}

const fail = <Owner extends Inbound>(inbound: Owner, listener: Listener<Owner>, code: number): void => {
  endInbound(inbound)
  listener.broken(inbound, code)
}

/**
 * What the first two bytes of a frame say.
 * @returns bytes until the payload, for a control frame until its end; or the close code of what is wrong, negative
 */
const measureHead = (first: number, second: number, isFragmented: boolean): number => {
  const opcode = first & 0x0f
  const length = second & 0x7f
  if ((first & 0x70) !== 0 || (second & MASKED) === 0) return -STATUS.protocol
  if (opcode >= OPCODE.close) {
    const isKnown = opcode <= OPCODE.pong && (first & FIN) !== 0 && length <= MAX_CONTROL_BYTES
    // A close holds a code of two bytes, or nothing.
    return isKnown && !(opcode === OPCODE.close && length === 1) ? 2 + MASK_BYTES + length : -STATUS.protocol
  }
  if (opcode > OPCODE.binary || (opcode === OPCODE.continuation) !== isFragmented) return -STATUS.protocol
  if (opcode === OPCODE.text) return -CLOSE.malformed
  return 2 + (length < 126 ? 0 : length === 126 ? 2 : 8) + MASK_BYTES
}

const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

const uint32 = (bytes: Uint8Array, at: number): number => uint16(bytes, at) * 65_536 + uint16(bytes, at + 2)

/** @returns the payload's length, or the close code of what is wrong, negative */
const readLength = (head: Uint8Array, at: number): number => {
  const short = (head[at + 1] as number) & 0x7f
  if (short < 126) return short
  if (short === 126) {
    const length = uint16(head, at + 2)
    return length < 126 ? -STATUS.protocol : length
  }
  const high = uint32(head, at + 2)
  const length = high * 2 ** 32 + uint32(head, at + 6)
  return high >= 2 ** 31 || length < 65_536 ? -STATUS.protocol : length
}

/** A message that stands whole in `chunk`. It is copied only where it would keep much larger bytes alive. */
const takeWhole = (chunk: Uint8Array, at: number, length: number, mask: number): Uint8Array => {
  if (length === 0) return NOTHING
  const isMost = length * 2 >= chunk.buffer.byteLength
  const bytes = isMost ? chunk.subarray(at, at + length) : new Uint8Array(length)
  if (!isMost) bytes.set(chunk.subarray(at, at + length))
  unmask(bytes, 0, length, mask, 0)
  return bytes
}

const takeClose = <Owner extends Inbound>(inbound: Owner, listener: Listener<Owner>, payload: Uint8Array): void => {
  const code = payload.length < 2 ? undefined : uint16(payload, 0)
  if (code !== undefined && !isCloseCode(code)) fail(inbound, listener, STATUS.protocol)
  else if (!isUtf8(payload.subarray(2))) fail(inbound, listener, STATUS.notUtf8)
  else {
    endInbound(inbound)
    listener.close(inbound, code)
  }
}

/** A control frame that stands whole at `at`. */
const takeControl = <Owner extends Inbound>(
  inbound: Owner,
  listener: Listener<Owner>,
  head: Uint8Array,
  at: number
): void => {
  const length = (head[at + 1] as number) & 0x7f
  const from = at + 2 + MASK_BYTES
  const payload = new Uint8Array(length)
  payload.set(head.subarray(from, from + length))
  unmask(payload, 0, length, uint32(head, at + 2) | 0, 0)
  const opcode = (head[at] as number) & 0x0f
  if (opcode === OPCODE.close) {
    takeClose(inbound, listener, payload)
    return
  }
  const code = opcode === OPCODE.ping ? listener.ping(inbound, payload) : listener.pong(inbound)
  if (code !== undefined) fail(inbound, listener, code)
}

/** @returns whether the message of the frame at hand is whole */
const isWhole = (assembly: Assembly): boolean => assembly.isLast && assembly.left === 0

const deliver = <Owner extends Inbound>(inbound: Owner, listener: Listener<Owner>, assembly: Assembly): void => {
  inbound.assembly = undefined
  listener.message(inbound, endAssembly(assembly, inbound.limits.reception))
}

/** Begins a data frame whose head stands at `head[at]`, its payload at `chunk[from]`. @returns where reading goes on */
const takeData = <Owner extends Inbound>(
  inbound: Owner,
  listener: Listener<Owner>,
  head: Uint8Array,
  at: number,
  size: number,
  chunk: Uint8Array,
  from: number,
  now: number
): number => {
  const { limits } = inbound
  const length = readLength(head, at)
  const before = inbound.assembly
  if (length < 0) fail(inbound, listener, -length)
  else if ((before?.received ?? 0) + length > limits.messageBytes) fail(inbound, listener, STATUS.tooBig)
  if (inbound.isOver) return from
  const isLast = ((head[at] as number) & FIN) !== 0
  const mask = uint32(head, at + size - MASK_BYTES) | 0
  if (before === undefined && isLast && length <= chunk.length - from) {
    listener.message(inbound, takeWhole(chunk, from, length, mask))
    return from + length
  }
  const assembly = before ?? beginAssembly(now)
  inbound.assembly = assembly
  beginFrame(assembly, length, isLast, mask)
  const fragments = limits.fragments + Math.floor(assembly.received / limits.fragmentBytes)
  if (assembly.fragments > fragments) fail(inbound, listener, STATUS.policy)
  else if (isWhole(assembly)) deliver(inbound, listener, assembly)
  return from
}

/** Reads what `chunk` adds. Its bytes must be the reader's own: messages may be views of it. @param now see Assembly.since */
export const receive = <Owner extends Inbound>(
  inbound: Owner,
  chunk: Uint8Array,
  listener: Listener<Owner>,
  now: number
): void => {
  let at = 0
  while (at < chunk.length && !inbound.isOver) {
    const { assembly } = inbound
    if (assembly !== undefined && assembly.left > 0) {
      at = takePayload(assembly, chunk, at, inbound.limits)
      if (isWhole(assembly)) deliver(inbound, listener, assembly)
      else if (inbound.limits.reception.bytes > inbound.limits.reception.bound) listener.crowded(inbound)
    } else at = takeFrame(inbound, chunk, at, listener, now)
  }
}

/** Adds to a head that came in parts as much as it needs. @returns where in `chunk` the rest begins */
const fillRest = (inbound: Inbound, rest: Uint8Array, size: number, chunk: Uint8Array, at: number): number => {
  const end = Math.min(chunk.length, at + size - inbound.restBytes)
  rest.set(chunk.subarray(at, end), inbound.restBytes)
  inbound.restBytes += end - at
  return end
}

const keepRest = (inbound: Inbound, chunk: Uint8Array, at: number): number => {
  inbound.rest = new Uint8Array(REST_BYTES)
  inbound.restBytes = 0
  return fillRest(inbound, inbound.rest, REST_BYTES, chunk, at)
}

const takeFrame = <Owner extends Inbound>(
  inbound: Owner,
  chunk: Uint8Array,
  start: number,
  listener: Listener<Owner>,
  now: number
): number => {
  const { rest } = inbound
  const head = rest ?? chunk
  const at = rest === undefined ? start : 0
  let from = start
  for (;;) {
    const there = rest === undefined ? chunk.length - start : inbound.restBytes
    const size = there < 2 ? 2 : measureHead(head[at] as number, head[at + 1] as number, inbound.assembly !== undefined)
    if (size < 0) {
      fail(inbound, listener, -size)
      return from
    }
    if (there >= 2 && there >= size) {
      inbound.rest = undefined
      if (rest === undefined) from += size
      if (((head[at] as number) & 0x0f) < OPCODE.close)
        return takeData(inbound, listener, head, at, size, chunk, from, now)
      takeControl(inbound, listener, head, at)
      return from
    }
    if (rest === undefined) return keepRest(inbound, chunk, start)
    if (from === chunk.length) return from
    from = fillRest(inbound, rest, size, chunk, from)
  }
}
