import type { SessionState } from './session-state.ts'
import type { SafetyLevel, SyncFacts, SyncNotice, SyncStatus } from './status.ts'

/** The session as the screens see it. Nothing is called safe that the relay has not acknowledged. */
export const factsOf = (state: SessionState, relay: string): SyncFacts => ({
  status: statusOf(state),
  relay,
  lastAck: state.lastAck,
  spokenByAnotherTab: false,
  otherDevices: [...state.docs.values()].some((doc) => doc.cursor.seq > 0) ? state.devices.size : null,
  notices: noticesOf(state)
})

const statusOf = (state: SessionState): SyncStatus => {
  const docs = [...state.docs.values()]
  const waiting = docs.reduce((sum, doc) => sum + doc.waiting, 0)
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
