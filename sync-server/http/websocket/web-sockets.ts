import type { Duplex } from 'node:stream'
import type { ConnectionHandle, SharingSocketPort } from '#server/rooms/relay-ports.ts'
import type { Reception } from './assembly.ts'
import { largestHolder } from './crowding.ts'
import { createTurn } from './flush.ts'
import { encodeClose, encodeFrame, FIN, OPCODE, STATUS } from './frame-format.ts'
import { endInbound, type Inbound, type InboundLimits, type Listener, newInbound, receive } from './inbound.ts'
import {
  dropOutbound,
  endAfter,
  endOutbound,
  type Outbound,
  openOutbound,
  sendControl,
  sendFrame,
  sendMessage,
  sendPrepared,
  waiting
} from './outbound.ts'
import { type Beat, createPulse } from './pulse.ts'
import { createReading } from './reading.ts'
import {
  type Acceptance,
  type SocketLimits,
  WEBSOCKET_LIMITS,
  type WebSockets,
  type WebSocketsOptions
} from './web-sockets-ports.ts'

/** WebSockets over sockets that Node has accepted: one small object each, functions and timers shared by all. */

interface Line extends Beat, Inbound {
  readonly socket: Duplex
  readonly outbound: Outbound
  readonly address: string
  /** Undefined once it was told that nobody is there. */
  handle: ConnectionHandle | undefined
  /** Until when the connection must be gone. */
  endsBy: number
  controls: number
  controlsAt: number
}

const LINE = Symbol('line')
type Carrier = Duplex & { [LINE]?: Line }

const NEVER = Number.POSITIVE_INFINITY
const PING = encodeFrame(FIN | OPCODE.ping, new Uint8Array(0))

export const createWebSockets = (options: WebSocketsOptions): WebSockets => {
  const limits: SocketLimits = { ...WEBSOCKET_LIMITS, ...options.limits }
  const reception: Reception = { bytes: 0, bound: limits.receptionBytes }
  const lines = new Set<Line>()
  const turn = createTurn((run) => options.after(0, run))
  const inboundLimits = new Map<number, InboundLimits>()

  const limitsFor = (messageBytes: number): InboundLimits => {
    const { fragments, fragmentBytes } = limits
    const found = inboundLimits.get(messageBytes) ?? { messageBytes, fragments, fragmentBytes, reception }
    inboundLimits.set(messageBytes, found)
    return found
  }

  /** Says once that nobody is there any more. */
  const leave = (line: Line): void => {
    const { handle } = line
    line.handle = undefined
    handle?.closed()
  }

  const endBy = (line: Line): void => {
    line.endsBy = Math.min(line.endsBy, pulse.now() + limits.closeSeconds)
    pulse.watch(line)
  }

  /** Frames of the peer that are answered, or are not: more of them than a second allows end it. */
  const countControl = (line: Line): number | undefined => {
    const now = pulse.now()
    if (line.controlsAt !== now) {
      line.controlsAt = now
      line.controls = 0
    }
    return ++line.controls > limits.controlFrames ? STATUS.policy : undefined
  }

  const breakOff = (line: Line, code: number): void => {
    endInbound(line)
    options.onBroken?.(code)
    // Its bytes are read on and forgotten until it ends: to close over unread bytes is a reset, which overtakes our close.
    endOutbound(line.outbound, encodeClose(code), true, true)
    endBy(line)
    leave(line)
  }

  const listener: Listener<Line> = {
    message(line, bytes) {
      if (!line.outbound.isOver) line.handle?.message(bytes)
    },
    ping(line, payload) {
      sendControl(line.outbound, encodeFrame(FIN | OPCODE.pong, payload))
      return countControl(line)
    },
    pong: countControl,
    close(line, code) {
      if (line.outbound.isOver) endAfter(line.outbound)
      else endOutbound(line.outbound, encodeClose(code), true, true)
      endBy(line)
      leave(line)
    },
    crowded() {
      const largest = largestHolder(lines)
      if (largest !== undefined) breakOff(largest, STATUS.tryAgain)
    },
    broken: breakOff
  }

  const close = (line: Line, code: number): void => {
    if (line.outbound.isOver) return
    endOutbound(line.outbound, encodeClose(code), false, false)
    endBy(line)
  }

  /** Apart from where it is accepted, so that it keeps nothing of the handshake alive. */
  const portOf = (line: Line): SharingSocketPort => ({
    send: (bytes) => sendMessage(line.outbound, bytes),
    sendPrepared: (message) => sendPrepared(line.outbound, message),
    close: (code) => close(line, code)
  })

  const read = (line: Line, chunk: Uint8Array): void => {
    line.isHeard = true
    const before = line.assembly
    receive(line, chunk, listener, pulse.now())
    const { assembly } = line
    if (assembly !== undefined && assembly !== before) pulse.watch(line)
  }

  const isTooSlow = ({ assembly }: Line, now: number): boolean => {
    if (assembly === undefined) return false
    const seconds = now - assembly.since
    if (seconds > limits.messageSeconds) return true
    return seconds > limits.graceSeconds && assembly.received < (seconds - limits.graceSeconds) * limits.paceBytes
  }

  const pulse = createPulse<Line>(limits.heartbeatSeconds, options.after, {
    lost: (line) => line.socket.destroy(),
    ping: (line) => sendControl(line.outbound, PING),
    watch(line, now) {
      if (now >= line.endsBy) line.socket.destroy()
      else if (isTooSlow(line, now)) breakOff(line, STATUS.policy)
      return line.endsBy !== NEVER || line.assembly !== undefined
    },
    second: () => options.second?.()
  })

  const remove = (line: Line): void => {
    if (!lines.delete(line)) return
    pulse.remove(line)
    dropOutbound(line.outbound)
    endInbound(line)
    leave(line)
    options.onGone(line.address)
  }

  function onData(this: Carrier, chunk: Uint8Array): void {
    if (this[LINE] !== undefined) read(this[LINE], chunk)
  }
  const readChunks = createReading(onData)
  /** The peer sends no more: with or without a close, it is not there. */
  function onEnd(this: Carrier): void {
    const line = this[LINE]
    if (line === undefined) return
    leave(line)
    // What was said last may still leave.
    if (line.outbound.isOver) endAfter(line.outbound)
    else {
      dropOutbound(line.outbound)
      this.destroy()
    }
  }
  function onClose(this: Carrier): void {
    if (this[LINE] !== undefined) remove(this[LINE])
  }

  const open = (carrier: Duplex, acceptance: Acceptance): Line => {
    const onDrained = (): void => line.handle?.drained()
    const line: Line = {
      ...newInbound(limitsFor(acceptance.messageBytes)),
      socket: carrier,
      outbound: openOutbound(carrier, turn, onDrained),
      address: acceptance.address,
      handle: undefined,
      endsBy: NEVER,
      controls: 0,
      controlsAt: 0,
      isHeard: true,
      slot: 0,
      place: 0
    }
    lines.add(line)
    pulse.add(line)
    return line
  }

  return {
    accept(socket, acceptance) {
      if (socket.destroyed) {
        options.onGone(acceptance.address)
        return
      }
      const carrier: Carrier = socket
      const line = open(socket, acceptance)
      carrier[LINE] = line
      socket.on('end', onEnd).on('close', onClose)
      sendFrame(line.outbound, Buffer.from(acceptance.response, 'latin1'))
      line.handle = acceptance.connect(portOf(line), acceptance.address)
      if (acceptance.head.length > 0) read(line, acceptance.head)
      readChunks(carrier)
    },
    reception,
    bufferedBytes() {
      let bytes = 0
      for (const { outbound } of lines) bytes += waiting(outbound)
      return bytes
    },
    now: pulse.now,
    stop() {
      pulse.stop()
      for (const line of [...lines]) line.socket.destroy()
    }
  }
}
