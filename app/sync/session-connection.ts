import { CLOSE } from '#core/close-codes.ts'
import { type DocState, type Moment, type Phase, type SessionState, type Step, step } from './session-state.ts'
import type { Effect } from './session-words.ts'
import type { WaitReason } from './status.ts'
import { afterAdviceMs, backoffMs, WATCH_MS } from './timing.ts'

/** Coming, going and coming back. */

const ONLINE: readonly Phase[] = ['opening', 'authenticating', 'ready']

export const isOnline = (state: SessionState): boolean => ONLINE.includes(state.phase)

export const dial = (state: SessionState, { now }: Moment, ...before: readonly Effect[]): Step =>
  step(
    { ...state, phase: 'dialling', lastFrameAt: now },
    ...before,
    { type: 'set-timer', name: 'watch', ms: WATCH_MS },
    { type: 'dial' }
  )

/** What was under way on a socket ends with it; what is known of a document stays. */
const offline = (doc: DocState): DocState => ({
  ...doc,
  stage: 'idle',
  peers: 0,
  repairing: false,
  owed: 0,
  carryPlanned: false,
  carry: null,
  push: null,
  acked: new Map(),
  chunks: [],
  snap: null
})

/** Hanging up also clears every timer. */
export const disconnect = (state: SessionState): Step =>
  step({ ...state, docs: new Map([...state.docs].map(([path, doc]) => [path, offline(doc)])) }, { type: 'hang-up' })

/** @param ms a time the relay named; without one the wait grows with each failure. */
export const rest = (state: SessionState, moment: Moment, why: WaitReason, ms?: number): Step => {
  const wait = ms === undefined || ms === 0 ? backoffMs(state.attempts, moment) : afterAdviceMs(ms, moment)
  const down = disconnect(state)
  return step(
    {
      ...down.state,
      phase: 'resting',
      attempts: state.attempts + 1,
      obstacle: { why, until: moment.now + wait }
    },
    ...down.effects,
    { type: 'set-timer', name: 'reconnect', ms: wait }
  )
}

/** Comes back with next to no delay: nothing is wrong with the relay. */
export const reconnect = (state: SessionState, moment: Moment): Step => {
  const down = disconnect(state)
  const wait = Math.round(1_000 * moment.random)
  return step({ ...down.state, phase: 'resting' }, ...down.effects, { type: 'set-timer', name: 'reconnect', ms: wait })
}

/** An hour: nothing will change before the app or the relay does. */
const UNTIL_UPDATED_MS = 3_600_000

export const onClosed = (state: SessionState, code: number, moment: Moment): Step => {
  if (!isOnline(state) && state.phase !== 'dialling') return step(state)
  switch (code) {
    case CLOSE.version:
      return rest(state, moment, 'relay-newer', UNTIL_UPDATED_MS)
    case CLOSE.rate:
      return rest({ ...state, attempts: Math.max(state.attempts, 4) }, moment, 'relay-paused')
    case CLOSE.malformed:
      return rest({ ...state, attempts: Math.max(state.attempts, 5) }, moment, 'relay-not-reached')
    default:
      return rest(state, moment, 'relay-not-reached')
  }
}
