import { bytesToHex } from '#core/bytes.ts'
import type { SessionState } from './session-state.ts'
import {
  countRelays,
  holdsEverything,
  type RelayFacts,
  type SafetyLevel,
  type SyncFacts,
  type SyncNotice,
  type SyncStatus
} from './status.ts'

/** The sessions as the screens see them. Nothing is called safe that a relay has not acknowledged. */

export const OFF = (
  why: Extract<SyncStatus, { readonly kind: 'off' }>['why'],
  relays: readonly string[] = []
): SyncFacts => ({
  ...NOTHING,
  status: { kind: 'off', why },
  relay: relays[0] ?? null,
  relays: relays.map((relay) => ({ relay, status: { kind: 'off', why }, lastAck: null, reached: null, key: null }))
})

const NOTHING = { lastAck: null, live: null, spokenByAnotherTab: false, otherDevices: null, notices: [] } as const

export const relayFactsOf = (state: SessionState, relay: string, reached: number | null): RelayFacts => ({
  relay,
  status: statusOf(state),
  lastAck: state.lastAck,
  reached: state.phase === 'ready' ? null : reached,
  key: state.relayKey === null ? null : bytesToHex(state.relayKey)
})

/** Of one relay. */
export const factsOf = (state: SessionState, relay: string): SyncFacts =>
  joinFacts([relayFactsOf(state, relay, null)], [state], null)

export const joinFacts = (
  relays: readonly RelayFacts[],
  states: readonly SessionState[],
  live: string | null
): SyncFacts => ({
  status: joinStatus(relays),
  relay: relays[0]?.relay ?? null,
  relays,
  live,
  lastAck: relays.reduce<number | null>(
    (last, { lastAck }) => (lastAck === null ? last : Math.max(last ?? 0, lastAck)),
    null
  ),
  spokenByAnotherTab: false,
  otherDevices: states.some(({ docs }) => [...docs.values()].some((doc) => doc.cursor.seq > 0))
    ? new Set(states.flatMap(({ devices }) => [...devices])).size
    : null,
  notices: joinNotices(states.map(noticesOf))
})

const joinStatus = (relays: readonly RelayFacts[]): SyncStatus => {
  const [first] = relays
  if (first === undefined) return { kind: 'off', why: 'no-relay' }
  const erased = relays.find(({ status }) => status.kind === 'erased')
  if (erased !== undefined) return erased.status
  const whole = relays.filter(holdsEverything)
  return whole.length > 0 ? { kind: 'live', waiting: 0, safety: joinSafety(whole) } : closest(relays, first).status
}

const joinSafety = (whole: readonly RelayFacts[]): SafetyLevel => {
  if (whole.some(({ status }) => status.kind === 'live' && status.safety === 'other-device')) return 'other-device'
  return countRelays(whole) > 1 ? 'replica' : 'relay'
}

const ORDER: readonly SyncStatus['kind'][] = ['live', 'connecting', 'waiting']

const lacking = ({ status }: RelayFacts): number => ('waiting' in status ? status.waiting : 0)

const isCloser = (a: RelayFacts, b: RelayFacts): boolean => {
  const nearer = ORDER.indexOf(a.status.kind) - ORDER.indexOf(b.status.kind)
  return nearer === 0 ? lacking(a) < lacking(b) : nearer < 0
}

/** No relay has everything: the one that will have it first, and then the one that lacks least, speaks for all. */
const closest = (relays: readonly RelayFacts[], first: RelayFacts): RelayFacts =>
  relays.reduce((best, next) => (isCloser(next, best) ? next : best), first)

const statusOf = (state: SessionState): SyncStatus => {
  const docs = [...state.docs.values()]
  const waiting = docs.reduce((sum, doc) => sum + doc.waiting + doc.owed, 0)
  if (state.phase === 'erased') return { kind: 'erased', at: state.erasedAt }
  if (state.obstacle !== null) return { kind: 'waiting', waiting, ...state.obstacle }
  if (docs.some((doc) => doc.check === 'fork')) return { kind: 'waiting', waiting, why: 'relay-restoring', until: null }
  if (state.phase !== 'ready') return { kind: 'connecting', waiting }
  // Until each document was read to its end it is not known what the relay still holds.
  if (docs.length === 0 || docs.some((doc) => doc.stage !== 'live')) return { kind: 'connecting', waiting }
  if (state.refused > 0) return { kind: 'waiting', waiting, why: 'entry-refused', until: null }
  return { kind: 'live', waiting, safety: safetyOf(state, waiting) }
}

const safetyOf = (state: SessionState, waiting: number): SafetyLevel => {
  const docs = [...state.docs.values()]
  // While a comparison runs, confirmed content may be on its way back to the relay.
  if (waiting > 0 || docs.some((doc) => doc.check !== null)) return 'this-device'
  const written = docs.filter((doc) => doc.cursor.seq > 0)
  const onAnother = written.some((doc) => doc.held > 0) && written.every((doc) => doc.held >= doc.ownSeq)
  return onAnother ? 'other-device' : 'relay'
}

const noticesOf = (state: SessionState): readonly SyncNotice[] => {
  const count = [...state.docs.values()].reduce((sum, doc) => sum + doc.opaque, 0)
  return count === 0 ? state.notices : [...state.notices, { kind: 'entries-not-readable-yet', count }]
}

/** One of a kind is enough. */
const joinNotices = (lists: readonly (readonly SyncNotice[])[]): readonly SyncNotice[] => {
  const [only] = lists
  if (lists.length === 1 && only !== undefined) return only
  const byKind = new Map(lists.flat().map((notice) => [notice.kind, notice]))
  return [...byKind.values()]
}
