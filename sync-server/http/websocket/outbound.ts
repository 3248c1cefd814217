import type { Prepared } from '#server/rooms/relay-ports.ts'
import { encodeFrame, encodeHeader, FIN, OPCODE } from './frame-format.ts'

/**
 * What one socket still has to send. Within a turn of the event loop it only gathers; then it leaves as one write. What is large
 * leaves in fragments, the next one when the socket took the last, so that it is never copied and others may stand between.
 */

/** As much of a Node socket as is needed. */
export interface Sink {
  write(bytes: Uint8Array, done?: (failed?: Error | null) => void): boolean
  cork(): void
  uncork(): void
  end(): unknown
  /** Bytes given to it that the system has not taken. */
  readonly writableLength: number
}

/** The end of a turn, for all sockets at once. */
export interface Turn {
  add(outbound: Outbound): void
}

/** A large message on its way; its bytes may be those of many sockets. */
export interface Stream {
  readonly bytes: Uint8Array
  readonly isShared: boolean
  at: number
}

export interface Outbound {
  readonly sink: Sink
  readonly turn: Turn
  readonly onDrained: () => void
  /** What leaves next; nearly always all there is. */
  first: Uint8Array | Stream | undefined
  more: (Uint8Array | Stream)[] | undefined
  /** A pong or ping: stands before what waits, and may stand between fragments. */
  control: Uint8Array | undefined
  /** Bytes in first and more, but for shared streams. */
  bytes: number
  isDue: boolean
  /** The system has not taken the last write. */
  isBlocked: boolean
  endsAfter: boolean
  /** Nothing more is taken. */
  isOver: boolean
  /** Made when the system first took less than all. */
  onTaken: ((failed?: Error | null) => void) | undefined
}

/** A prepared message above this leaves in fragments. */
const SHARED_BYTES = 65_536
/** A message of one socket above this leaves in fragments. */
const OWN_BYTES = 262_144
/** Copying so much is cheaper than a second buffer in the write. */
const COPY_BYTES = 16_384

export const openOutbound = (sink: Sink, turn: Turn, onDrained: () => void): Outbound => ({
  sink,
  turn,
  onDrained,
  first: undefined,
  more: undefined,
  control: undefined,
  bytes: 0,
  isDue: false,
  isBlocked: false,
  endsAfter: false,
  isOver: false,
  onTaken: undefined
})

const enqueue = (outbound: Outbound, item: Uint8Array | Stream): void => {
  if (outbound.first === undefined) outbound.first = item
  else if (outbound.more === undefined) outbound.more = [item]
  else outbound.more.push(item)
  outbound.turn.add(outbound)
}

/** @returns bytes the peer has not taken, of those that only this socket holds */
export const waiting = (outbound: Outbound): number => outbound.bytes + outbound.sink.writableLength

/** Bytes that are frames already, such as the answer to a handshake. @returns bytes not taken, these included */
export const sendFrame = (outbound: Outbound, frame: Uint8Array): number => {
  if (outbound.isOver) return 0
  outbound.bytes += frame.length
  enqueue(outbound, frame)
  return waiting(outbound)
}

/** @param bytes the sender's no more. @returns as sendFrame */
export const sendMessage = (outbound: Outbound, bytes: Uint8Array): number => {
  if (outbound.isOver) return 0
  if (bytes.length <= COPY_BYTES) return sendFrame(outbound, encodeFrame(FIN | OPCODE.binary, bytes))
  if (bytes.length > OWN_BYTES) {
    outbound.bytes += bytes.length
    enqueue(outbound, { bytes, isShared: false, at: 0 })
    return waiting(outbound)
  }
  sendFrame(outbound, encodeHeader(FIN | OPCODE.binary, bytes.length))
  return sendFrame(outbound, bytes)
}

/** Kept with the message: where each is told to few, making and collecting a weak map's entries took a hundredth of the relay's time. */
const FRAME = Symbol('frame')
interface Framed extends Prepared {
  [FRAME]?: Uint8Array
}

/** Made once for all sockets. */
const frameOf = (message: Framed): Uint8Array => {
  message[FRAME] ??= encodeFrame(FIN | OPCODE.binary, message.bytes)
  return message[FRAME]
}

/** @returns as sendFrame */
export const sendPrepared = (outbound: Outbound, message: Prepared): number => {
  if (outbound.isOver) return 0
  if (message.bytes.length <= SHARED_BYTES) return sendFrame(outbound, frameOf(message))
  enqueue(outbound, { bytes: message.bytes, isShared: true, at: 0 })
  return waiting(outbound)
}

/** One pong or ping at a time: of several the newest. */
export const sendControl = (outbound: Outbound, frame: Uint8Array): void => {
  if (outbound.isOver) return
  outbound.control = frame
  outbound.turn.add(outbound)
}

/** Lets go of all that waits; nothing more is taken. */
export const dropOutbound = (outbound: Outbound): void => {
  outbound.first = undefined
  outbound.more = undefined
  outbound.control = undefined
  outbound.bytes = 0
  outbound.isOver = true
}

/**
 * The last frame; nothing is taken after it.
 * @param isNow what waits is dropped; otherwise it leaves before
 * @param endsAfter this half of the socket ends behind it
 */
export const endOutbound = (outbound: Outbound, frame: Uint8Array, isNow: boolean, endsAfter: boolean): void => {
  if (outbound.isOver) return
  if (isNow) dropOutbound(outbound)
  outbound.isOver = true
  outbound.endsAfter = endsAfter
  outbound.bytes += frame.length
  enqueue(outbound, frame)
}

/** The last frame was answered: once it has left, this half of the socket ends. */
export const endAfter = (outbound: Outbound): void => {
  outbound.endsAfter = true
  outbound.turn.add(outbound)
}
