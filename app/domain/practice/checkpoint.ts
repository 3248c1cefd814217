import type { PracticeRecord } from './record.ts'
import { practiceRecord } from './record-from.ts'
import { type Course, endCourse, type Session } from './session.ts'

/**
 * How far a practice had come, kept on this device so that a crash or reload takes nothing: written each few seconds
 * and at each change, removed once the record is on disk. `seenMs` is synchronised epoch milliseconds at writing.
 */
export type Checkpoint = {
  readonly version: 1
  readonly seenMs: number
  readonly session: Extract<Session, { kind: 'count-in' | 'running' | 'paused' | 'reflecting' | 'done' }>
}

/** Written this often while a session runs: at most this much of a practice is forgotten by a crash. */
const CHECKPOINT_EVERY_MS = 3_000
/** Later than this nobody goes on with the same practice: it is kept as far as it went. */
const RESUME_WITHIN_MS = 60 * 60_000

/** @returns null when there is nothing to keep. */
export const checkpointOf = (session: Session, nowMs: number): Checkpoint | null =>
  session.kind === 'idle' ? null : { version: 1, seenMs: nowMs, session }

/** Whether a change of session (or time) is worth a write: each change of state, and each few seconds while running. */
export const checkpointDue = (last: Checkpoint | null, session: Session, nowMs: number): boolean => {
  if (last === null) return session.kind !== 'idle'
  if (session !== last.session) return true
  return session.kind === 'running' && nowMs - last.seenMs >= CHECKPOINT_EVERY_MS
}

export type Recovery =
  | { readonly kind: 'nothing' }
  /** Ask: go on (event `resume`), or keep as far as it went (event `finish`, or keptAsFar). */
  | {
      readonly kind: 'offer'
      readonly session: Extract<Session, { kind: 'paused' | 'reflecting' }>
      readonly asFar: PracticeRecord
    }
  /** Too long ago to go on with, or already finished: keep this record. */
  | { readonly kind: 'keep'; readonly record: PracticeRecord }

const isCourse = (session: Checkpoint['session']): session is Extract<Session, Course> =>
  session.kind === 'count-in' || session.kind === 'running' || session.kind === 'paused'

/** The record of a session that was cut short, null if nothing had been practised. */
const keptAsFar = ({ session, seenMs }: Checkpoint): PracticeRecord | null => {
  if (session.kind === 'done') return session.record
  const ended = isCourse(session) ? endCourse(session, seenMs, 'interrupted') : session
  return ended.kind === 'reflecting' ? practiceRecord(ended.setup, ended.outcome, ended.draft) : null
}

/** What becomes of a checkpoint found at the start. Time after `seenMs` is not counted: nobody saw it. */
export const recover = (checkpoint: Checkpoint | null, nowMs: number): Recovery => {
  if (checkpoint === null) return { kind: 'nothing' }
  const record = keptAsFar(checkpoint)
  if (record === null) return { kind: 'nothing' }
  const { session, seenMs } = checkpoint
  if (session.kind === 'done' || nowMs - seenMs > RESUME_WITHIN_MS) return { kind: 'keep', record }
  if (session.kind === 'reflecting') return { kind: 'offer', session, asFar: record }
  const spans = session.spans.map((span) =>
    span.endMs === null ? { ...span, endMs: Math.max(span.startMs, seenMs) } : span
  )
  return { kind: 'offer', session: { ...session, kind: 'paused', spans }, asFar: record }
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A checkpoint of another version of the app is not guessed at. Fields inside are our own, written by this version. */
export const parseCheckpoint = (value: unknown): Checkpoint | null => {
  if (!isFields(value) || value.version !== 1 || typeof value.seenMs !== 'number' || !isFields(value.session))
    return null
  const kind = value.session.kind
  if (typeof kind !== 'string' || !['count-in', 'running', 'paused', 'reflecting', 'done'].includes(kind)) return null
  return value as unknown as Checkpoint
}
