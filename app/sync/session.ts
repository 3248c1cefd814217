import type { DocPath } from '#app/store/ports.ts'
import { onAnswer } from './session-answers.ts'
import { onCarryDue } from './session-carry.ts'
import { dial, disconnect, isOnline, onClosed, reconnect, rest } from './session-connection.ts'
import { flush, flushAll, lookAcross, onCompactDue, onRepairDue, pull, pullIdle, refresh } from './session-docs.ts'
import { onFrame } from './session-frames.ts'
import { andThen, type Moment, type SessionState, type Step, step } from './session-state.ts'
import type { Effect, SessionEvent, TimerName } from './session-words.ts'
import { SILENCE_MS, WATCH_MS } from './timing.ts'

/**
 * The sealed session as a pure function. Frames, timers, local edits and the answers of log and vault go in; what to send, seal, open,
 * read and write comes out. Nothing here waits, draws or looks at a clock.
 */
export const onEvent = (state: SessionState, event: SessionEvent, moment: Moment): Step => {
  switch (event.type) {
    case 'start':
      return state.phase === 'stopped' ? dial(state, moment, { type: 'survey' }) : step(state)
    case 'stop':
      return disconnect({ ...state, phase: 'stopped', obstacle: null })
    case 'retry':
      return state.phase === 'resting' ? dial({ ...state, attempts: 0 }, moment) : resume(state)
    case 'opened':
      return state.phase === 'dialling'
        ? step(
            { ...state, phase: 'opening', lastFrameAt: moment.now },
            { type: 'send', frame: { type: 'open', ch: 0, root: state.root } }
          )
        : step(state)
    case 'closed':
      return onClosed(state, event.code, moment)
    case 'malformed':
      return isOnline(state)
        ? rest({ ...state, attempts: Math.max(state.attempts, 3) }, moment, 'relay-not-reached')
        : step(state)
    case 'frame':
      return isOnline(state) ? onFrame({ ...state, lastFrameAt: moment.now }, event.frame, moment) : step(state)
    case 'timer':
      return onTimer(state, event.name, moment)
    case 'local':
      return state.docs.has(event.doc)
        ? step(state, { type: 'count', doc: event.doc })
        : step(state, { type: 'survey' })
    case 'documents':
      return step(state, { type: 'survey' })
    case 'elsewhere':
      return lookAcross(state, event.doc)
    case 'urgent':
    case 'hidden':
      return flushAll(state)
    default:
      return onAnswer(state, event, moment)
  }
}

const resume = (state: SessionState): Step =>
  andThen(
    andThen(pullIdle(state.phase === 'ready' ? { ...state, obstacle: null } : state), flushAll),
    // What was being carried may have been refused.
    (next) =>
      [...next.docs.keys()].reduce<Step>((done, path) => andThen(done, (after) => lookAcross(after, path)), step(next))
  )

const onTimer = (state: SessionState, name: TimerName, moment: Moment): Step => {
  switch (name) {
    case 'reconnect':
      if (state.phase === 'ready') return reconnect(state, moment)
      return state.phase === 'resting' ? dial(state, moment) : step(state)
    case 'watch':
      return watch(state, moment)
    case 'resume':
      return resume(state)
    case 'held':
      return sayHeld(state)
    case 'refresh':
      return refreshOpaque(state)
    default: {
      const [kind, path] = splitTimer(name)
      if (kind === 'flush') return flush(state, path)
      if (kind === 'repair') return onRepairDue(state, path)
      if (kind === 'carry') return onCarryDue(state, path, moment)
      return kind === 'compact' ? onCompactDue(state, path) : pull(state, path)
    }
  }
}

const splitTimer = (name: string): readonly [kind: string, path: DocPath] => {
  const at = name.indexOf(':')
  return [name.slice(0, at), name.slice(at + 1) as DocPath]
}

/** A dialled socket that never opens and a half-open one that never closes look alike: silence. */
const watch = (state: SessionState, moment: Moment): Step => {
  if (!isOnline(state) && state.phase !== 'dialling') return step(state)
  if (moment.now - state.lastFrameAt > SILENCE_MS) return rest(state, moment, 'relay-not-reached')
  const again: Effect = { type: 'set-timer', name: 'watch', ms: WATCH_MS }
  return state.phase === 'ready' ? step(state, again, { type: 'probe' }) : step(state, again)
}

const sayHeld = (state: SessionState): Step => {
  // What cannot be opened is not held: the others would call an edit safe here that nobody here can read.
  const told = [...state.docs.values()].filter(
    (doc) => doc.untold && doc.stage === 'live' && doc.check === null && doc.opaque === 0
  )
  const docs = new Map(state.docs)
  for (const doc of told) docs.set(doc.path, { ...doc, untold: false, asks: false })
  const says = told.map((doc): Effect => ({ type: 'say-held', doc: doc.path, asks: doc.asks && doc.ownSeq > doc.held }))
  return step({ ...state, docs }, ...says)
}

const refreshOpaque = (state: SessionState): Step => {
  const next = { ...state, refreshPlanned: false, refreshes: state.refreshes + 1 }
  const opaque = [...state.docs.values()].find((doc) => doc.opaque > 0 && doc.stage === 'live' && doc.check === null)
  return opaque === undefined ? step(next) : refresh(next, opaque.path)
}
