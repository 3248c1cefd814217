import { unmask } from './unmask.ts'

/** Bytes of unfinished messages, over all sockets that share it. */
export interface Reception {
  bytes: number
  readonly bound: number
}

export interface AssemblyLimits {
  /** One message, all its fragments together. */
  readonly messageBytes: number
  readonly reception: Reception
}

/** A message that has begun and not ended. */
export interface Assembly {
  buffer: Uint8Array
  /** Bytes of the message that came. */
  received: number
  fragments: number
  /** When its first byte came: whatever unit the caller counts in. */
  readonly since: number
  /** Bytes of the frame at hand that have not come. */
  left: number
  isLast: boolean
  mask: number
  /** Bytes of the frame at hand that came. */
  phase: number
}

const FIRST_BYTES = 16_384
/** Each byte is copied 1.33 times at most; what was never written takes no memory. */
const GROWTH = 4

export const beginAssembly = (since: number): Assembly => ({
  buffer: NOTHING,
  received: 0,
  fragments: 0,
  since,
  left: 0,
  isLast: false,
  mask: 0,
  phase: 0
})

export const beginFrame = (assembly: Assembly, length: number, isLast: boolean, mask: number): void => {
  assembly.fragments++
  assembly.left = length
  assembly.isLast = isLast
  assembly.mask = mask
  assembly.phase = 0
}

/**
 * What a header announces is not yet there: only what came takes room.
 * @returns the size to allocate, so that a whole message that is small needs one
 */
const grown = ({ received, left, isLast, buffer }: Assembly, needed: number, messageBytes: number): number =>
  Math.min(
    Math.max(needed, FIRST_BYTES, buffer.length * GROWTH),
    Math.max(needed, isLast ? received + left : messageBytes)
  )

/** Takes what belongs to the frame at hand. @returns where in `chunk` it ended */
export const takePayload = (assembly: Assembly, chunk: Uint8Array, at: number, limits: AssemblyLimits): number => {
  const count = Math.min(assembly.left, chunk.length - at)
  const end = assembly.received + count
  if (end > assembly.buffer.length) {
    const buffer = new Uint8Array(Buffer.allocUnsafeSlow(grown(assembly, end, limits.messageBytes)).buffer)
    buffer.set(assembly.buffer.subarray(0, assembly.received))
    assembly.buffer = buffer
  }
  assembly.buffer.set(chunk.subarray(at, at + count), assembly.received)
  unmask(assembly.buffer, assembly.received, end, assembly.mask, assembly.phase)
  assembly.received = end
  assembly.left -= count
  assembly.phase += count
  limits.reception.bytes += count
  return at + count
}

/** The message, in memory of its own. */
export const endAssembly = (assembly: Assembly, reception: Reception): Uint8Array => {
  reception.bytes -= assembly.received
  const { buffer, received } = assembly
  // A buffer grown for fragments that did not come would be kept with what is kept of the message.
  return received * 2 >= buffer.length ? buffer.subarray(0, received) : buffer.slice(0, received)
}

const NOTHING = new Uint8Array(0)
