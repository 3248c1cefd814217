import { CLOSE } from '#core/close-codes.ts'
import { hasDeadline } from '#server/protocol/connection.ts'
import type { Effect } from '#server/protocol/effects.ts'
import { createCommitter } from './committer.ts'
import { createFeeding, createLine, type Line } from './feeding.ts'
import { createListening } from './listening.ts'
import { createPublishing } from './publishing.ts'
import {
  type ConnectionHandle,
  RELAY_LIMITS,
  type Relay,
  type RelayLimits,
  type RelayOptions,
  type SocketPort
} from './relay-ports.ts'
import { type AwaitedEffect, createRequests } from './requests.ts'

const TICK_MS = 1_000
const PAUSE_MS = 1_000
const TICK = { kind: 'tick' } as const

export const createRelay = (options: RelayOptions): Relay => {
  const { log, clock, random, onNews = () => {} } = options
  const limits: RelayLimits = { ...RELAY_LIMITS, ...options.limits }
  const lines = new Set<Line>()
  const countByAddress = new Map<string, number>()
  const pending = new Set<Promise<unknown>>()
  let closing = false
  let halted = false
  let ticking = false

  const committer = createCommitter({ log, clock, limits, onNews, onAnswered: () => publishing.flush() })
  const { audience, presence, across, tellErased } = createListening<Line>(options, {
    limits,
    lines,
    feed: (line, event) => feed(line, event),
    isHalted: () => halted
  })
  const publishing = createPublishing<Line>(
    audience,
    (line, event) => feed(line, event),
    () => halted
  )
  const requests = createRequests<Line>(
    { ...options, committer, bounds: limits },
    {
      peers: (line, root, shard) => audience.peers(root, shard, line),
      stood: audience.stood,
      answer: (line, answer) => feed(line, answer),
      publish(line, { root, shard }, { fresh }) {
        if (halted || fresh.length === 0) return
        publishing.add(root, shard, line, fresh)
      },
      erased(proof) {
        onNews({ kind: 'erased' })
        tellErased(proof)
        if (!halted) across?.erased(proof)
      }
    }
  )
  const feed = createFeeding(options, {
    limits,
    isOverloaded: () => closing || committer.isCrowded() || options.isOverloaded?.() === true,
    isHalted: () => halted,
    perform: (line, effect) => perform(line, effect)
  })

  const perform = (line: Line, effect: Effect): void => {
    switch (effect.kind) {
      case 'send':
        line.buffered =
          effect.shared === undefined || line.socket.sendPrepared === undefined
            ? line.socket.send(effect.bytes)
            : line.socket.sendPrepared(effect.shared)
        return
      case 'close':
        onNews({ kind: 'closed', code: effect.code })
        line.socket.close(effect.code)
        remove(line)
        return
      case 'refused':
        onNews({ kind: 'refused', name: effect.name })
        if (effect.name === 'paused') pause(line)
        return
      case 'subscribe':
        audience.join(line, effect.root, effect.shard)
        return
      case 'unsubscribe':
        audience.leave(line, effect.root, effect.shard)
        return
      case 'present':
        presence.say(line, effect.root, effect.shard, effect.frame)
        return
      case 'append':
        // Waits for the commit, which the committer itself keeps account of.
        requests.append(effect, line)
        return
      default:
        request(line, effect)
    }
  }

  const request = (line: Line, effect: AwaitedEffect): void => {
    const done = requests
      .perform(effect, line)
      // A store that throws instead of answering: the socket is let go, its device comes back and asks again.
      .catch((cause: unknown) => {
        if (halted) return
        onNews({ kind: 'failed', reason: String(cause) })
        line.socket.close(CLOSE.goingAway)
        remove(line)
      })
      .finally(() => pending.delete(done))
    pending.add(done)
  }

  /** The whole socket is asked to breathe, once a second at most; jitter keeps all from coming back at once. */
  const pause = (line: Line): void => {
    const now = clock.now()
    if (now - line.pausedAt < PAUSE_MS) return
    line.pausedAt = now
    onNews({ kind: 'paused' })
    feed(line, { kind: 'pause', ms: PAUSE_MS + jitter(PAUSE_MS) })
  }

  const jitter = (ms: number): number => Math.floor(((random(1)[0] ?? 0) / 256) * ms)

  const remove = (line: Line): void => {
    if (!lines.delete(line)) return
    feed(line, { kind: 'gone' })
    const left = (countByAddress.get(line.address) ?? 1) - 1
    if (left > 0) countByAddress.set(line.address, left)
    else countByAddress.delete(line.address)
    onNews({ kind: 'connections', open: lines.size })
  }

  const tick = (): void => {
    ticking = false
    if (halted) return
    requests.tick()
    across?.tick(clock.now())
    for (const line of lines) if (hasDeadline(line.state)) feed(line, TICK)
    keepTicking()
  }

  const keepTicking = (): void => {
    if (ticking || lines.size === 0) return
    ticking = true
    clock.after(TICK_MS, tick)
  }

  const connect = (socket: SocketPort, address: string): ConnectionHandle => {
    const count = countByAddress.get(address) ?? 0
    if (closing || count >= limits.connectionsPerAddress) {
      const code = closing ? CLOSE.goingAway : CLOSE.rate
      onNews({ kind: 'closed', code })
      socket.close(code)
      return { message() {}, drained() {}, closed() {} }
    }
    const line = createLine(socket, address, limits, clock.now())
    lines.add(line)
    countByAddress.set(address, count + 1)
    onNews({ kind: 'connections', open: lines.size })
    keepTicking()
    across?.wake()
    return {
      message: (bytes) => feed(line, { kind: 'frame', bytes }),
      drained() {
        line.buffered = 0
        if (line.state.fullSince !== undefined) feed(line, { kind: 'drained' })
      },
      closed: () => remove(line)
    }
  }

  return {
    connect,
    waiting: committer.waiting,
    async drain(retryAfterMs) {
      closing = true
      for (const line of lines) feed(line, { kind: 'goaway', retryAfterMs: retryAfterMs + jitter(retryAfterMs) })
      await committer.idle()
      while (pending.size > 0) await Promise.all(pending)
      for (const line of [...lines]) {
        line.socket.close(CLOSE.goingAway)
        remove(line)
      }
      across?.leave()
      across?.close()
    },
    halt() {
      halted = true
      lines.clear()
      across?.close()
    }
  }
}
