import { CLOSE } from '#core/close-codes.ts'
import { openConnection, step } from '#server/protocol/connection.ts'
import type { Effect } from '#server/protocol/effects.ts'
import type { Event } from '#server/protocol/events.ts'
import type { Connection, Env } from '#server/protocol/state.ts'
import { createCommitter } from './committer.ts'
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
import { type AwaitedEffect, createRequests, type Requester } from './requests.ts'

/** One socket with its state; the relay feeds it events one after the other. */
interface Line {
  readonly socket: SocketPort
  readonly address: string
  readonly state: Connection
  buffered: number
  /** Events that came while another was handled. */
  readonly inbox: Event[]
  busy: boolean
  pausedAt: number
}

const TICK_MS = 1_000
const PAUSE_MS = 1_000

export const createRelay = (options: RelayOptions): Relay => {
  const { log, clock, random, sha256, keys, addresses, onNews = () => {}, onEffect = () => {} } = options
  const limits: RelayLimits = { ...RELAY_LIMITS, ...options.limits }
  const lines = new Set<Line>()
  const countByAddress = new Map<string, number>()
  const pending = new Set<Promise<unknown>>()
  let assembling = 0
  let closing = false
  let halted = false
  let ticking = false

  const committer = createCommitter({ log, clock, limits, onNews, onAnswered: () => publishing.flush() })
  const requests = createRequests({ ...options, committer, bounds: limits })
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

  /** One for all events, as they are handled one after the other. */
  const env: { -readonly [Name in keyof Env]: Env[Name] } = {
    now: 0,
    buffered: 0,
    assemblyRoom: 0,
    overloaded: false,
    relayKey: keys.publicKey,
    random,
    sha256,
    isOwnHost: (host) => addresses.has(host),
    limits
  }
  const envOf = (line: Line): Env => {
    env.now = clock.now()
    env.buffered = line.buffered
    env.assemblyRoom = limits.assemblyBytes - assembling
    env.overloaded = closing || committer.isCrowded() || options.isOverloaded?.() === true
    return env
  }

  const feed = (line: Line, event: Event): undefined => {
    if (line.busy || halted) {
      line.inbox.push(event)
      return
    }
    line.busy = true
    advance(line, event)
    for (let next = line.inbox.shift(); next !== undefined && !halted; next = line.inbox.shift()) advance(line, next)
    line.busy = false
  }

  const advance = (line: Line, event: Event): void => {
    const { state } = line
    const before = state.assembly?.bytes ?? 0
    const effects = step(state, event, envOf(line))
    assembling += (state.assembly?.bytes ?? 0) - before
    for (const effect of effects) {
      onEffect(effect)
      if (halted) return
      perform(line, effect)
    }
    // What was over the bound within one step may be gone the moment the socket took it.
    if (state.fullSince !== undefined && line.buffered <= limits.bufferBytes / 4) line.inbox.push({ kind: 'drained' })
  }

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
        requests.append(effect, requesterOf(line))
        return
      default:
        request(line, effect)
    }
  }

  const request = (line: Line, effect: AwaitedEffect): void => {
    const done = requests
      .perform(effect, requesterOf(line))
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

  const requesterOf = (line: Line): Requester => ({
    from: line,
    address: line.address,
    peers: (root, shard) => audience.peers(root, shard, line),
    stood: audience.stood,
    answer: (answer) => feed(line, answer),
    publish({ root, shard }, { fresh }) {
      if (halted || fresh.length === 0) return
      publishing.add(root, shard, line, fresh)
    },
    erased(proof) {
      onNews({ kind: 'erased' })
      tellErased(proof)
      if (!halted) across?.erased(proof)
    }
  })

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
    for (const line of lines) feed(line, { kind: 'tick' })
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
    const state = openConnection(limits, clock.now())
    const line: Line = {
      socket,
      address,
      state,
      buffered: 0,
      inbox: [],
      busy: false,
      pausedAt: Number.NEGATIVE_INFINITY
    }
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
