import { type FieldReport, parseAnswer, reportState } from '#core/field.ts'
import { nextClaim } from './open-room-claims.ts'
import type { SetTimer } from './ports.ts'

/** What a reporter needs of a field room. */
export interface ReportingRoom {
  isConnected(): boolean
  /** This device's presence; null takes it back. Nothing of it is kept for a socket that is not there. */
  say(state: ReturnType<typeof reportState> | null): void
}

export interface ReporterPorts {
  readonly room: ReportingRoom
  /** Monotonic milliseconds. */
  readonly mono: () => number
  readonly setTimer: SetTimer
  readonly newId: () => string
  /** The first second that no claim of this device reached yet. It outlives the page: a reload must not count twice. */
  readonly claimed: { until(): number; keep(until: number): void }
  /** Relay time is known, or known anew. */
  readonly onTime: () => void
}

/** Asks the relay for its time, and claims seconds of it while a practice is on. */
export interface Reporter {
  connected(): void
  disconnected(): void
  /** A presence of somebody else came: only a relay speaks in these rooms. */
  heard(state: unknown): void
  practise(on: boolean): void
  /** Relay time, epoch milliseconds; null before it was told. */
  relayMs(): number | null
  /** Whether this device's claims reach from this second of relay time to now. */
  isCounted(second: number): boolean
}

/** An answer that took longer does not tell the time. */
const PROMPT_MS = 3_000

export const createReporter = ({ room, mono, setTimer, newId, claimed, onTime }: ReporterPorts): Reporter => {
  let offset: number | null = null
  let askedAt = 0
  /** As `claimed`, where nothing can be kept. */
  let own = 0
  /** The first second claimed since the practice or the connection began. */
  let since = Number.POSITIVE_INFINITY
  let id: string | null = null
  let cancel: () => void = () => {}

  const relayMs = (): number | null => (offset === null ? null : mono() + offset)

  const say = (report: FieldReport): void => {
    askedAt = mono()
    room.say(reportState(report))
  }

  const ask = (): void => {
    offset = null
    say('when')
  }

  const goOn = (): void => {
    cancel()
    const now = relayMs()
    if (id === null || now === null || !room.isConnected()) return
    const next = nextClaim(id, now, own, claimed.until())
    if (next.kind === 'wait') {
      cancel = setTimer(Math.ceil(next.ms), goOn)
      return
    }
    // Kept before it is said: whatever becomes of the message, these seconds are never claimed again.
    since = Math.min(since, next.claim.from)
    own = next.claim.to
    claimed.keep(own)
    say(next.claim)
    goOn()
  }

  return {
    connected: ask,
    disconnected() {
      cancel()
      offset = null
      since = Number.POSITIVE_INFINITY
      // A stock provider says again on the next socket what was said on the last: two relays would count it.
      room.say(null)
    },
    heard(state) {
      const at = parseAnswer(state)
      if (at === undefined) return
      const isFirst = offset === null
      if (mono() - askedAt > PROMPT_MS) {
        if (isFirst) ask()
        return
      }
      // The relay read its clock about half-way.
      offset = at - (askedAt + mono()) / 2
      if (isFirst && id === null) room.say(null)
      onTime()
      if (isFirst) goOn()
    },
    practise(on) {
      if (on === (id !== null)) return
      id = on ? newId() : null
      since = Number.POSITIVE_INFINITY
      if (on) goOn()
      else {
        cancel()
        if (room.isConnected()) room.say(null)
      }
    },
    relayMs,
    isCounted: (second) => second >= since
  }
}
