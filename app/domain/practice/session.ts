import type { Pattern } from '#app/domain/breath/pattern.ts'
import type { SessionPlan } from '#core/breath.ts'
import { completedCycles } from '#core/breath-cycle.ts'
import {
  beginSpan,
  breathMsAt,
  endSpan,
  gentleEndMs,
  plannedEndMs,
  practisedMs,
  resumeSpan,
  type Span
} from '#core/breath-session.ts'
import type { Moment } from '#core/time.ts'
import { type FreeCourse, freeEndMs, NO_EDGES, onEdge } from './free-course.ts'
import type { Ending, Feeling, PracticeRecord, RecordId, Reflection } from './record.ts'
import { practiceRecord } from './record-from.ts'

/** Fixed as the session begins. */
export type Setup = {
  readonly id: RecordId
  readonly pattern: Pattern
  readonly plan: SessionPlan
  readonly countInMs: number
  readonly startedAt: Moment
  readonly before: Feeling | null
}

/** What a session on its way consists of. */
export type Course = {
  readonly setup: Setup
  readonly spans: readonly Span[]
  /** Breath time of the end; null = open-ended, or not known yet without a guide. */
  readonly endMs: number | null
  readonly ending: Exclude<Ending, 'interrupted'>
  readonly free: FreeCourse
}

export type Outcome = { readonly practisedMs: number; readonly cycles: number; readonly ending: Ending }

export type Session =
  | { readonly kind: 'idle' }
  /** Before the first inhale, or before the inhale after a pause; the last span starts in the future. */
  | ({ readonly kind: 'count-in' } & Course)
  | ({ readonly kind: 'running' } & Course)
  | ({ readonly kind: 'paused' } & Course)
  | { readonly kind: 'reflecting'; readonly setup: Setup; readonly outcome: Outcome; readonly draft: Reflection }
  /** The record is for the store's `keep-practice`. */
  | { readonly kind: 'done'; readonly record: PracticeRecord }

/** `nowMs` is synchronised epoch milliseconds throughout. */
export type SessionEvent =
  | { readonly kind: 'begin'; readonly setup: Setup; readonly nowMs: number }
  | { readonly kind: 'tick'; readonly nowMs: number }
  | { readonly kind: 'pause'; readonly nowMs: number }
  | { readonly kind: 'resume'; readonly nowMs: number; readonly countInMs: number }
  | { readonly kind: 'finish'; readonly how: 'exhale' | 'now'; readonly nowMs: number }
  /** Free breathing: the person presses (in) or lets go (out). */
  | { readonly kind: 'edge'; readonly edge: 'in' | 'out'; readonly nowMs: number }
  | { readonly kind: 'draft'; readonly change: Partial<Reflection> }
  | { readonly kind: 'keep' }
  | { readonly kind: 'discard' }

export const IDLE: Session = { kind: 'idle' }

/** Without a guide the end depends on what the person produces: see endOf. */
const asPlanned = ({ pattern: { breath }, plan }: Setup): Pick<Course, 'endMs' | 'ending'> => ({
  endMs: breath.kind === 'free' ? null : plannedEndMs(breath, plan),
  ending: 'planned'
})

const begin = (setup: Setup, nowMs: number): Session => ({
  kind: setup.countInMs > 0 ? 'count-in' : 'running',
  setup,
  spans: beginSpan(nowMs, setup.countInMs),
  ...asPlanned(setup),
  free: NO_EDGES
})

/** Cycles breathed until a breath time. */
const cyclesAt = ({ setup: { pattern }, free }: Course, breathMs: number): number =>
  pattern.breath.kind === 'paced' ? completedCycles(pattern.breath, breathMs) : free.cycles

const reflecting = (course: Course, spans: readonly Span[], atMs: number, ending: Ending): Session => {
  const practised = Math.round(practisedMs(spans, atMs))
  if (practised === 0) return IDLE
  const cycles = cyclesAt(course, breathMsAt(spans, atMs))
  const draft = { before: course.setup.before, after: null, line: '', tags: [] }
  return { kind: 'reflecting', setup: course.setup, outcome: { practisedMs: practised, cycles, ending }, draft }
}

/** Ends a course where it is; nothing practised leaves nothing behind. */
export const endCourse = (course: Course, nowMs: number, ending: Ending): Session =>
  reflecting(course, endSpan(course.spans, nowMs), nowMs, ending)

const endOf = (course: Course): number | null =>
  course.ending === 'planned' && course.setup.pattern.breath.kind === 'free'
    ? freeEndMs(course.setup.plan, course.free)
    : course.endMs

/** A tab that slept past the end ends at the end, not when it woke. */
const tick = (session: Extract<Session, { kind: 'count-in' | 'running' }>, nowMs: number): Session => {
  const span = session.spans.at(-1)
  if (span === undefined || nowMs < span.startMs) return session
  const endMs = endOf(session)
  if (endMs !== null && breathMsAt(session.spans, nowMs) >= endMs) {
    const atMs = span.startMs + Math.max(0, endMs - span.breathMs)
    return endCourse(session, atMs, session.ending)
  }
  return session.kind === 'running' && session.endMs === endMs ? session : { ...session, kind: 'running', endMs }
}

const finish = (
  session: Extract<Session, { kind: 'count-in' | 'running' | 'paused' }>,
  how: 'exhale' | 'now',
  nowMs: number
): Session => {
  const gentle = how === 'exhale' && session.kind === 'running'
  if (!gentle) return endCourse(session, nowMs, 'early')
  const endMs = gentleEndMs(session.setup.pattern.breath, breathMsAt(session.spans, nowMs), session.endMs)
  return tick({ ...session, endMs, ending: endMs === session.endMs ? session.ending : 'early' }, nowMs)
}

/** Pure transition. An event that has no meaning in a state changes nothing. */
export const onSessionEvent = (before: Session, event: SessionEvent): Session => {
  if (event.kind === 'begin')
    return before.kind === 'idle' || before.kind === 'done' ? begin(event.setup, event.nowMs) : before
  if (event.kind === 'discard') return IDLE
  // Whatever happens now, the plan may have run out before it.
  const session =
    'nowMs' in event && (before.kind === 'running' || before.kind === 'count-in') ? tick(before, event.nowMs) : before
  switch (session.kind) {
    case 'idle':
    case 'done':
      return session
    case 'count-in':
    case 'running':
      if (event.kind === 'pause') return { ...session, kind: 'paused', spans: endSpan(session.spans, event.nowMs) }
      if (event.kind === 'finish') return finish(session, event.how, event.nowMs)
      if (event.kind !== 'edge' || session.kind === 'count-in' || session.setup.pattern.breath.kind !== 'free')
        return session
      return tick(
        { ...session, free: onEdge(session.free, event.edge, breathMsAt(session.spans, event.nowMs)) },
        event.nowMs
      )
    case 'paused': {
      if (event.kind === 'finish') return finish(session, event.how, event.nowMs)
      if (event.kind !== 'resume') return session
      const spans = resumeSpan(session.setup.pattern.breath, session.spans, event.nowMs, event.countInMs)
      // Going on takes back a finish that was waiting for its exhale.
      return { ...session, kind: event.countInMs > 0 ? 'count-in' : 'running', spans, ...asPlanned(session.setup) }
    }
    case 'reflecting':
      if (event.kind === 'draft') return { ...session, draft: { ...session.draft, ...event.change } }
      if (event.kind !== 'keep') return session
      return { kind: 'done', record: practiceRecord(session.setup, session.outcome, session.draft) }
  }
}
