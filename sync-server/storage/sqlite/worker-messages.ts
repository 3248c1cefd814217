import type { SqliteStore } from './store.ts'
import type { RoomCalls } from './update-requests.ts'

/** What goes between the relay's thread and the store's. */

export interface WorkerOptions {
  readonly path: string
  readonly ledgerPath: string
  readonly rootBytes: number
  readonly roomBytes: number
  readonly maxBytes: number | undefined
  readonly synchronous: 'FULL' | 'OFF'
}

/** What both kinds of room ask, each verb under one name. */
export type StoreCalls = SqliteStore & RoomCalls
export type StoreVerb = keyof StoreCalls
export type Verb = StoreVerb | 'limit' | 'rest' | 'close'

export interface Request {
  readonly id: number
  readonly verb: Verb
  readonly given: readonly unknown[]
}

export type Reply =
  | { readonly kind: 'open' }
  /** The store could not be opened; `refusal` is a line for the host. */
  | { readonly kind: 'refused'; readonly refusal: string }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string }
