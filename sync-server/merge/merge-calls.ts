import type { Result } from '#core/result.ts'
import type { Base, Merger, SequencedUpdate, UpdateFacts } from '#server/rooms/open-ports.ts'
import { diffUpdate, mergeUpdates, readUpdate } from '#server/rooms/yjs.ts'
import { rebuild } from './rebuilding.ts'

/** The merger's verbs as plain functions: what a thread runs. They throw where the port's promise is rejected. */
export interface MergeCalls {
  inspect(update: Uint8Array): Result<UpdateFacts, 'undecodable'>
  merge(updates: readonly Uint8Array[]): Uint8Array
  diff(update: Uint8Array, stateVector: Uint8Array): Uint8Array
  rebuild(base: Uint8Array | undefined, rows: readonly SequencedUpdate[]): Result<Base, 'undecodable' | 'differs'>
}

export type MergeVerb = keyof MergeCalls

export const mergeCalls: MergeCalls = {
  inspect: readUpdate,
  merge: mergeUpdates,
  diff: diffUpdate,
  rebuild: (base, rows) => rebuild(base, rows)
}

/** On the thread that asks: for tests, and for worlds in which time stands still meanwhile. */
export const createInlineMerger = (): Merger => ({
  inspect: async (update) => mergeCalls.inspect(update),
  merge: async (updates) => mergeCalls.merge(updates),
  diff: async (update, stateVector) => mergeCalls.diff(update, stateVector),
  rebuild: async (base, rows) => mergeCalls.rebuild(base, rows),
  close: async () => undefined
})
