import { openConnection, step } from '#server/protocol/connection.ts'
import type { Effect } from '#server/protocol/effects.ts'
import type { Event } from '#server/protocol/events.ts'
import type { Connection, Env } from '#server/protocol/state.ts'
import type { RelayLimits, RelayOptions, SocketPort } from './relay-ports.ts'

/** One socket with its state, fed events one after the other. */
export interface Line {
  readonly socket: SocketPort
  readonly address: string
  readonly state: Connection
  buffered: number
  /** Events that came while another was handled. */
  readonly inbox: Event[]
  busy: boolean
  pausedAt: number
}

export const createLine = (socket: SocketPort, address: string, limits: RelayLimits, now: number): Line => ({
  socket,
  address,
  state: openConnection(limits, now),
  buffered: 0,
  inbox: [],
  busy: false,
  pausedAt: Number.NEGATIVE_INFINITY
})

export interface FeedingOptions {
  readonly limits: RelayLimits
  readonly isOverloaded: () => boolean
  readonly isHalted: () => boolean
  readonly perform: (line: Line, effect: Effect) => void
}

/** @returns what feeds a line an event and has its effects performed. */
export const createFeeding = (
  { clock, random, sha256, keys, addresses, onEffect = () => {} }: RelayOptions,
  { limits, isOverloaded, isHalted, perform }: FeedingOptions
): ((line: Line, event: Event) => undefined) => {
  /** Bytes of snapshots in reception, all lines together. */
  let assembling = 0

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
    env.overloaded = isOverloaded()
    return env
  }

  const advance = (line: Line, event: Event): void => {
    const { state } = line
    const before = state.assembly?.bytes ?? 0
    const effects = step(state, event, envOf(line))
    assembling += (state.assembly?.bytes ?? 0) - before
    for (const effect of effects) {
      onEffect(effect)
      if (isHalted()) return
      perform(line, effect)
    }
    // What was over the bound within one step may be gone the moment the socket took it.
    if (state.fullSince !== undefined && line.buffered <= limits.bufferBytes / 4) line.inbox.push({ kind: 'drained' })
  }

  return (line, event) => {
    if (line.busy || isHalted()) {
      line.inbox.push(event)
      return
    }
    line.busy = true
    advance(line, event)
    for (let next = line.inbox.shift(); next !== undefined && !isHalted(); next = line.inbox.shift())
      advance(line, next)
    line.busy = false
  }
}
