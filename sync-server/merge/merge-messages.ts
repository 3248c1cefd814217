import type { MergeVerb } from './merge-calls.ts'

/** One at a time to a thread, so a reply needs no number. */
export interface MergeRequest {
  readonly verb: MergeVerb
  readonly given: readonly unknown[]
}

export type MergeReply =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string }

export interface MergeWorkerOptions {
  /** Whoever waits for a socket goes first. */
  readonly isBackground: boolean
}
