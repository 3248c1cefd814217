import type { PracticeRecord, RecordId } from '#app/domain/practice/record.ts'
import type { CivilDay, Moment } from '#core/time.ts'

/** A free note, written without a practice. */
export type JournalLine = {
  readonly kind: 'line'
  readonly id: RecordId
  readonly writtenAt: Moment
  readonly day: CivilDay
  readonly year: number
  readonly line: string
  readonly tags: readonly string[]
}

export type JournalEntry = PracticeRecord | JournalLine

export type JournalDay = {
  readonly day: CivilDay
  /** Newest first. */
  readonly entries: readonly JournalEntry[]
  readonly practisedMs: number
}

/** A year is one document; it is read when it is wanted. */
export type JournalYear =
  | { readonly kind: 'closed'; readonly year: number }
  | { readonly kind: 'opening'; readonly year: number }
  /** It could not be read. It is NOT empty; say so and offer to try again. */
  | { readonly kind: 'failed'; readonly year: number; readonly reason: string }
  | {
      readonly kind: 'open'
      readonly year: number
      /** Written by a newer app: shown, not changed. */
      readonly readOnly: boolean
      /** Newest first; days without an entry are left out. */
      readonly days: readonly JournalDay[]
      readonly practisedMs: number
      readonly practices: number
    }

/** Newest year first. */
export type Journal = { readonly years: readonly JournalYear[] }
