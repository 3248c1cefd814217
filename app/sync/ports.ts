import type { DocBytes, DocLog, DocPath, RelayName, Shelf, SyncLog } from '#app/store/ports.ts'
import type { Keyholder, Vault } from '#app/vault/ports.ts'
import type { Sha256 } from '#core/chain.ts'
import type { Carry } from './carry.ts'

/** What sync asks of the world. Every source of nondeterminism is here, so that a seeded world can be it. */

export interface Socket {
  /** One frame. After a close it does nothing. */
  send(frame: Uint8Array): void
  /** `on.closed` is not called for a close that we asked for. */
  close(): void
}

export interface SocketEvents {
  opened(): void
  frame(bytes: Uint8Array): void
  /** WebSocket close code; 1006 where the transport gives none. Called once, also when it never opened. */
  closed(code: number): void
}

export type Dial = (relay: RelayName, on: SocketEvents) => Socket

export interface Clock {
  /** Epoch ms, the device's own wall clock. */
  now(): number
  /** Monotonic ms. */
  mono(): number
}

/** @returns what cancels it. */
export type SetTimer = (ms: number, fire: () => void) => () => void

/** Uniform in [0, 1). Only for jitter, never for keys. */
export type Random = () => number

/** Four times of a clock probe, see core/clock.ts. */
export interface ClockSample {
  readonly t0: number
  readonly t1: number
  readonly t2: number
  readonly t3: number
}

export interface RunnerPorts {
  /** Host as dialled: what AUTH signs and what names cursors. */
  readonly relay: RelayName
  readonly log: SyncLog
  readonly docLog: DocLog
  readonly shelf: Shelf
  readonly keyholder: Keyholder
  readonly vault: Pick<Vault, 'current' | 'verifyErasure' | 'renewDevice'>
  readonly docBytes: DocBytes
  readonly sha256: Sha256
  readonly dial: Dial
  readonly clock: Clock
  readonly random: Random
  readonly setTimer: SetTimer
  /** Paths that exist by the keyring and by what is kept here; `keyring` and `library` are always among them. */
  readonly documents: () => Promise<readonly DocPath[]>
  /** Whether edits of a document, all of which this relay has was read, may be sealed now; absent = always. */
  readonly maySeal?: (doc: DocPath) => Promise<boolean>
  /** Where the journal lives on several relays: what this session tells the others of. */
  readonly carry?: Carry
  /** A clock probe came back. */
  readonly onSample?: (sample: ClockSample) => void
  /** What nobody expected (a bug, a port that threw): for the log. */
  readonly report?: (problem: string) => void
}
