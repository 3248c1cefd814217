import type { PatternId } from '#app/domain/breath/pattern.ts'
import type { Breath, SessionPlan } from '#core/breath.ts'
import type { CivilDay, Moment } from '#core/time.ts'

/** Unguessable, base64url: practice records and journal lines are keyed by it. */
export type RecordId = string & { readonly __brand: 'RecordId' }

/** How it is inside, one tap: 1 scattered, 5 settled. Two taps (before and after, or only after) say how it was. */
export type Feeling = 1 | 2 | 3 | 4 | 5

export type Reflection = {
  readonly before: Feeling | null
  readonly after: Feeling | null
  /** One line or many; '' when nothing was written. */
  readonly line: string
  /** Sorted, without doubles. */
  readonly tags: readonly string[]
}

/** planned: to its end · early: the person stopped · interrupted: crash or reload, kept as far as it went. */
export type Ending = 'planned' | 'early' | 'interrupted'

/** What happened; never edited afterwards. `day` and `year` were computed where it was made and never move. */
export type PracticeFacts = {
  readonly startedAt: Moment
  readonly day: CivilDay
  readonly year: number
  /** Time practised, pauses left out. */
  readonly practisedMs: number
  /** Whole cycles breathed; 0 where none are counted. */
  readonly cycles: number
  /** The pattern as it was then: later edits or its deletion do not rewrite history. */
  readonly pattern: { readonly id: PatternId; readonly name: string; readonly breath: Breath }
  readonly plan: SessionPlan
  readonly ending: Ending
}

export type PracticeRecord = { readonly kind: 'practice'; readonly id: RecordId } & PracticeFacts & Reflection
