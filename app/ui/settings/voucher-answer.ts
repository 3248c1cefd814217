import type { SyncStatus } from '#app/sync/status.ts'

/** What became of the word, as far as it went from here. */
export type Given =
  | { readonly kind: 'sent'; readonly before: SyncStatus }
  | { readonly kind: 'not-sent'; readonly why: 'no-relay' | 'not-kept' }

/**
 * What is to be said of the word. A relay that does not take it refuses as it did before: only the time of its refusal is another.
 * Null where there is nothing to say, or where the status itself says it.
 */
export const voucherAnswer = (
  given: Given | null,
  status: SyncStatus
): 'asking' | 'not-taken' | 'no-relay' | 'not-kept' | null => {
  if (given === null) return null
  if (given.kind === 'not-sent') return given.why
  if (status.kind === 'connecting') return 'asking'
  if (status.kind !== 'waiting' || status.why !== 'relay-refused') return null
  const { before } = given
  return before.kind === 'waiting' && before.until === status.until ? 'asking' : 'not-taken'
}
