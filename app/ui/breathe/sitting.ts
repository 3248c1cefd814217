import type { Pattern } from '#app/domain/breath/pattern.ts'
import {
  type Checkpoint,
  checkpointDue,
  checkpointOf,
  parseCheckpoint,
  recover
} from '#app/domain/practice/checkpoint.ts'
import type { RecordId } from '#app/domain/practice/record.ts'
import { IDLE, onSessionEvent, type Session, type SessionEvent } from '#app/domain/practice/session.ts'
import type { Store } from '#app/store/face.ts'
import { createCell, type Readable } from '#app/ui/parts/live.ts'
import type { SessionPlan } from '#core/breath.ts'
import { breathMsAt } from '#core/breath-session.ts'
import type { Moment } from '#core/time.ts'
import { nextChangeMs } from './beat.ts'

/** Events as screens say them: the time is added here. */
export type SittingEvent =
  | { readonly kind: 'pause' | 'resume' | 'keep' | 'discard' }
  | { readonly kind: 'finish'; readonly how: 'exhale' | 'now' }
  | { readonly kind: 'edge'; readonly edge: 'in' | 'out' }
  | Extract<SessionEvent, { kind: 'draft' }>

/** The one practice that may be under way in this tab: the pure session, with time, disk and senses around it. */
export interface Sitting extends Readable<Session> {
  begin(pattern: Pattern, plan: SessionPlan): void
  say(event: SittingEvent): void
  /** Synchronised epoch milliseconds, the time that spans are written in. */
  now(): number
  /** The same instant on the page's timeline (performance.now), for the Web Animations API. */
  toMono(syncedMs: number): number
  /** The practice kept last, for a word of thanks; null until then. */
  readonly kept: Readable<RecordId | null>
  /** Looks for a practice that a crash or reload cut short. */
  recover(): Promise<void>
}

export interface SittingPorts {
  readonly store: Pick<Store, 'dispatch' | 'settings'>
  readonly clock: { now(): number; mono(): number; moment(): Moment }
  readonly newId: () => RecordId
  /** Where the checkpoint of the running practice is kept. Failing to keep it never stops a breath. */
  readonly checkpoints: { load(): Promise<unknown>; keep(checkpoint: Checkpoint | null): Promise<void> }
  /** Called once per timeout; returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
  readonly senses: { follow(session: Session): void }
}

/** Two ticks a minute at the very least: a throttled tab must notice its end. */
const LONGEST_WAIT_MS = 3_000

export const createSitting = ({ store, clock, newId, checkpoints, after, senses }: SittingPorts): Sitting => {
  const session = createCell<Session>(IDLE)
  const kept = createCell<RecordId | null>(null)
  let last: Checkpoint | null = null
  let cancel: () => void = () => {}

  const keepCheckpoint = (): void => {
    const now = session.get()
    if (now.kind === 'idle' && last === null) return
    if (now.kind !== 'idle' && !checkpointDue(last, now, clock.now())) return
    last = checkpointOf(now, clock.now())
    void checkpoints.keep(last)
  }

  const keepRecord = async (done: Extract<Session, { kind: 'done' }>): Promise<void> => {
    kept.set(done.record.id)
    const saved = await store.dispatch({ kind: 'keep-practice', record: done.record })
    // Not on disk: the checkpoint stays, so that a reload keeps the record after all.
    if (saved.ok && session.get() === done) {
      session.set(IDLE)
      keepCheckpoint()
    }
  }

  const enter = (next: Session): void => {
    const before = session.get()
    if (next !== before) {
      session.set(next)
      senses.follow(next)
    }
    keepCheckpoint()
    if (next.kind === 'done' && next !== before) void keepRecord(next)
    schedule()
  }

  const schedule = (): void => {
    cancel()
    const now = session.get()
    if (now.kind !== 'count-in' && now.kind !== 'running') return
    const wait = nextChangeMs(now, breathMsAt(now.spans, clock.now()))
    cancel = after(Math.min(LONGEST_WAIT_MS, Math.max(4, wait)), () => apply({ kind: 'tick', nowMs: clock.now() }))
  }

  const apply = (event: SessionEvent): void => enter(onSessionEvent(session.get(), event))

  const withTime = (event: SittingEvent): SessionEvent => {
    const nowMs = clock.now()
    switch (event.kind) {
      case 'resume':
        return { kind: 'resume', nowMs, countInMs: store.settings.get().countIn * 1000 }
      case 'pause':
        return { kind: 'pause', nowMs }
      case 'finish':
        return { ...event, nowMs }
      case 'edge':
        return { ...event, nowMs }
      case 'keep':
        return { kind: 'keep' }
      case 'discard':
        return { kind: 'discard' }
      case 'draft':
        return event
    }
  }

  return {
    ...session,
    kept,
    now: clock.now,
    toMono: (syncedMs) => syncedMs - clock.now() + clock.mono(),
    begin: (pattern, plan) => {
      const countInMs = store.settings.get().countIn * 1000
      const startedAt = clock.moment()
      apply({
        kind: 'begin',
        nowMs: clock.now(),
        setup: { id: newId(), pattern, plan, countInMs, startedAt, before: null }
      })
    },
    say: (event) => apply(withTime(event)),
    recover: async () => {
      const found = parseCheckpoint(await checkpoints.load())
      if (found === null || session.get().kind !== 'idle') return
      const recovery = recover(found, clock.now())
      last = found
      if (recovery.kind === 'offer') enter(recovery.session)
      else if (recovery.kind === 'keep') enter({ kind: 'done', record: recovery.record })
      else enter(IDLE)
    }
  }
}
