import type { DocPath } from '#app/store/ports.ts'
import type { DeviceId, Seq } from '#core/ids.ts'
import { assertNever } from '#core/result.ts'
import { onCarryFound, onLookedAcross } from './session-carry.ts'
import { disconnect, reconnect, rest } from './session-connection.ts'
import {
  compactIfLong,
  flush,
  onBuilt,
  onCompared,
  onRepaired,
  onRewound,
  planRefresh,
  pull,
  pullIdle,
  push
} from './session-docs.ts'
import {
  andThen,
  type DocState,
  type Moment,
  readElsewhere,
  type SessionState,
  type Step,
  step,
  withDoc
} from './session-state.ts'
import type { Answer, Effect, Surveyed, Taken } from './session-words.ts'
import { GATHER_MS, HELD_MS, TYPING_AT_MOST_MS, TYPING_IDLE_MS } from './timing.ts'

type Counted = Extract<Answer, { readonly type: 'counted' }>

/** What the runner found out, turned into what to do next. */
export const onAnswer = (state: SessionState, answer: Answer, moment: Moment): Step => {
  switch (answer.type) {
    case 'signed':
      return onSigned(state, answer)
    case 'surveyed':
      return onSurveyed(withDevices(state, answer.devices), answer.docs)
    case 'counted':
      return onCounted(state, answer, moment)
    case 'taken':
      return onTaken(
        { ...state, devices: new Set([...state.devices, ...answer.devices]) },
        answer.doc,
        answer.taken,
        moment
      )
    case 'astray':
      return pull(onAstray(state, answer.doc, answer.cursor), answer.doc)
    case 'unfit':
      return rest(state, moment, 'relay-not-reached')
    case 'sealed':
      return push({ ...withWaiting(state, answer), refused: answer.refused }, answer.doc, answer.rows, moment)
    case 'acknowledged':
      return flush(withWaiting(state, answer), answer.doc)
    case 'compared':
      return onCompared(state, answer.doc, answer.missing, answer.gap, moment)
    case 'repaired':
      return onRepaired(state, answer.doc, answer.lost)
    case 'rewound':
      return onRewound(state, answer.doc, answer.reason, answer.cursor)
    case 'built':
      return onBuilt(state, answer.doc, answer.snapshot)
    case 'compacted':
      return step(
        withDoc(state, answer.doc, {
          tailBytes: answer.tailBytes,
          snapshotBytes: answer.snapshotBytes,
          gap: answer.gap
        })
      )
    case 'looked-across':
      return onLookedAcross(state, answer, moment)
    case 'carry-found':
      return onCarryFound(state, answer.doc, answer.entries, answer.behind, moment)
    case 'held':
      return onHeld(withDevices(state, answer.devices), answer)
    case 'erasure':
      return onErasure(state, answer, moment)
    case 'renewed':
      return onRenewed(state, moment)
    case 'failed':
      return answer.failure.kind === 'closed'
        ? disconnect({ ...state, phase: 'stopped' })
        : state.phase === 'stopped'
          ? step(state)
          : rest(state, moment, 'relay-not-reached')
    default:
      return assertNever(answer)
  }
}

const withDevices = (state: SessionState, devices: readonly DeviceId[]): SessionState =>
  devices.every((device) => state.devices.has(device))
    ? state
    : { ...state, devices: new Set([...state.devices, ...devices]) }

const onSigned = (
  state: SessionState,
  { certificate, signature, host, admission }: Extract<Answer, { readonly type: 'signed' }>
): Step =>
  state.phase === 'authenticating'
    ? step(state, { type: 'send', frame: { type: 'auth', ch: 0, certificate, signature, host, admission } })
    : step(state)

const newDoc = (surveyed: Surveyed): DocState => ({
  ...surveyed,
  stage: 'idle',
  peers: 0,
  dirtySince: null,
  repairing: false,
  refreshed: false,
  push: null,
  acked: new Map(),
  chunks: [],
  snap: null,
  owed: 0,
  carryPlanned: false,
  carry: null,
  untold: false,
  asks: false
})

/** Documents that are pulled already know more than the survey. */
const onSurveyed = (state: SessionState, surveyed: readonly Surveyed[]): Step => {
  const docs = new Map(state.docs)
  let rewound = false
  for (const found of surveyed) {
    const known = docs.get(found.path)
    const isDue = known !== undefined && known.stage !== 'idle' && known.check === null && found.check !== null
    rewound ||= isDue
    // Another session or tab found out that it is to be compared: it is read again, on a new socket.
    if (isDue) docs.set(found.path, { ...known, ...found, repairing: false })
    else if (known === undefined) docs.set(found.path, newDoc(found))
    else if (known.stage === 'idle') docs.set(found.path, { ...known, ...found })
    else docs.set(found.path, { ...known, waiting: found.waiting, ...readElsewhere(known, found.cursor.seq) })
  }
  const next = { ...state, docs }
  if (next.phase !== 'ready') return step(next)
  if (rewound) return step(next, { type: 'set-timer', name: 'reconnect', ms: GATHER_MS })
  return next.obstacle === null ? pullIdle(next) : step(next)
}

const onAstray = (state: SessionState, path: DocPath, cursor: DocState['cursor']): SessionState => {
  const doc = state.docs.get(path)
  return doc === undefined ? state : withDoc(state, path, { cursor, ...readElsewhere(doc, cursor.seq) })
}

const withWaiting = (
  state: SessionState,
  { doc: path, waiting, seq }: { readonly doc: DocPath; readonly waiting: number; readonly seq: Seq }
): SessionState => {
  const doc = state.docs.get(path)
  return doc === undefined ? state : withDoc(state, path, { waiting, ...readElsewhere(doc, seq) })
}

const onCounted = (before: SessionState, counted: Counted, { now }: Moment): Step => {
  const { doc: path, unsealed } = counted
  const state = withWaiting(before, counted)
  const doc = state.docs.get(path)
  if (doc === undefined) return step(state)
  if (unsealed === 0) {
    const clean = withDoc(state, path, { dirtySince: null })
    // Another session of this device has sealed it, and sends it to its own relay only.
    return state.several && counted.waiting > 0 ? flush(clean, path) : step(clean)
  }
  const dirtySince = doc.dirtySince ?? now
  const ms = Math.max(0, Math.min(TYPING_IDLE_MS, dirtySince + TYPING_AT_MOST_MS - now))
  return step(withDoc(state, path, { dirtySince }), { type: 'set-timer', name: `flush:${path}`, ms })
}

const onTaken = (state: SessionState, path: DocPath, taken: Taken, moment: Moment): Step => {
  const doc = state.docs.get(path)
  if (doc === undefined) return step(state)
  const { own, foreign, invalid: _, cloned, ...facts } = taken
  const acked = new Map(doc.acked)
  for (const counter of own) acked.delete(counter)
  const next = withDoc(state, path, { ...facts, acked, untold: doc.untold || foreign > 0 })
  if (cloned) return step(next, { type: 'renew-device' })
  const effects: Effect[] = []
  if (doc.stage === 'live' && foreign > 0) effects.push({ type: 'set-timer', name: 'held', ms: HELD_MS })
  if (path === 'keyring' && foreign > 0) effects.push({ type: 'survey' })
  if (state.several && doc.stage === 'live' && doc.check === null && taken.check !== null)
    effects.push({ type: 'look-across', doc: path })
  const asked = doc.stage === 'live' && taken.opaque > 0 ? planRefresh(next) : step(next)
  return andThen(asked, (after) => {
    const more = doc.stage === 'live' ? compactIfLong(after, path, moment) : step(after)
    return { state: more.state, effects: [...more.effects, ...effects] }
  })
}

const onHeld = (state: SessionState, { doc: path, seq, asked }: Extract<Answer, { readonly type: 'held' }>): Step => {
  const doc = state.docs.get(path)
  if (doc === undefined) return step(state)
  const next = withDoc(state, path, { held: seq, untold: doc.untold || (asked && doc.cursor.seq > 0) })
  // What is not read to its end yet is said when it is.
  return asked && doc.stage === 'live' ? step(next, { type: 'set-timer', name: 'held', ms: HELD_MS }) : step(next)
}

const onErasure = (
  state: SessionState,
  { valid, scope, doc }: Extract<Answer, { readonly type: 'erasure' }>,
  moment: Moment
): Step => {
  if (!valid) return rest(state, moment, 'relay-not-reached')
  if (scope === 'root') return disconnect({ ...state, phase: 'erased', erasedAt: moment.now, obstacle: null })
  const docs = new Map(state.docs)
  if (doc !== null) docs.delete(doc)
  return step({ ...state, docs })
}

/** Another profile uses this device's key: this one goes on under a new one, and says so. */
const onRenewed = (state: SessionState, moment: Moment): Step =>
  reconnect({ ...state, notices: [...state.notices, { kind: 'profile-was-cloned', at: moment.now }] }, moment)
