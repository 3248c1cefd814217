import type { Cursor, DocPath, LogFailure, SealedRow } from '#app/store/ports.ts'
import type { Cover } from '#core/entry.ts'
import type { DeviceFrame, LogItem, RelayFrame, SnapshotChunk } from '#core/frames.ts'
import type { DeviceId, Seq, ShardId } from '#core/ids.ts'
import type { Carried } from './carry.ts'

/** What can happen to a session and what it wants done. */

/**
 * Why a document has to be compared with what the relay gives, before anything of it is sent:
 * fork = the relay has another history; snapshot = another device's snapshot was taken; refresh = entries that could not be opened are asked for again.
 */
export type CheckReason = 'fork' | 'snapshot' | 'refresh'

export interface BuiltSnapshot {
  readonly from: Seq
  readonly to: Seq
  readonly hashTo: Uint8Array
  readonly bytes: Uint8Array
  /** Of the tail when it was built. */
  readonly tailBytes: number
  /** As sealed into it. */
  readonly covers: readonly Cover[]
}

export type TimerName =
  | 'reconnect'
  | 'watch'
  | 'resume'
  | 'held'
  | 'refresh'
  | `${'flush' | 'repair' | 'compact' | 'again' | 'carry'}:${DocPath}`

export interface Surveyed {
  readonly path: DocPath
  readonly shard: ShardId
  readonly cursor: Cursor
  readonly check: CheckReason | null
  readonly gap: boolean
  readonly opaque: number
  readonly waiting: number
  readonly tailBytes: number
  readonly snapshotBytes: number
  readonly held: Seq
  readonly ownSeq: Seq
}

export interface Taken {
  readonly cursor: Cursor
  readonly opaque: number
  readonly waiting: number
  readonly tailBytes: number
  readonly snapshotBytes: number
  readonly held: Seq
  readonly ownSeq: Seq
  /** Own counters that this stretch proved to be in the log. */
  readonly own: readonly number[]
  /** Entries of other devices in it. */
  readonly foreign: number
  readonly invalid: number
  readonly cloned: boolean
  readonly check: CheckReason | null
}

/** What the runner found out for the machine. */
export type Answer =
  | {
      readonly type: 'signed'
      readonly certificate: Uint8Array
      readonly signature: Uint8Array
      readonly host: string
      readonly admission: string
    }
  | { readonly type: 'surveyed'; readonly docs: readonly Surveyed[]; readonly devices: readonly DeviceId[] }
  | {
      readonly type: 'counted'
      readonly doc: DocPath
      readonly waiting: number
      readonly unsealed: number
      readonly seq: Seq
    }
  | { readonly type: 'taken'; readonly doc: DocPath; readonly taken: Taken; readonly devices: readonly DeviceId[] }
  /** Not what follows the cursor (a repeated or lost frame, another tab was faster): ask again from there. */
  | { readonly type: 'astray'; readonly doc: DocPath; readonly cursor: Cursor }
  /** A snapshot that is not what it says: proof that somebody is wrong, nothing was changed. */
  | { readonly type: 'unfit'; readonly doc: DocPath; readonly why: string }
  | {
      readonly type: 'sealed'
      readonly doc: DocPath
      readonly rows: readonly SealedRow[]
      readonly waiting: number
      readonly seq: Seq
      readonly refused: number
    }
  | { readonly type: 'acknowledged'; readonly doc: DocPath; readonly waiting: number; readonly seq: Seq }
  | { readonly type: 'compared'; readonly doc: DocPath; readonly missing: boolean; readonly gap: boolean }
  | { readonly type: 'repaired'; readonly doc: DocPath; readonly lost: readonly Uint8Array[] }
  | { readonly type: 'rewound'; readonly doc: DocPath; readonly reason: CheckReason; readonly cursor: Cursor }
  | { readonly type: 'built'; readonly doc: DocPath; readonly snapshot: BuiltSnapshot | null }
  | {
      readonly type: 'compacted'
      readonly doc: DocPath
      readonly tailBytes: number
      readonly snapshotBytes: number
      readonly gap: boolean
    }
  | {
      readonly type: 'held'
      readonly doc: DocPath
      readonly seq: Seq
      readonly devices: readonly DeviceId[]
      /** One of them came and wants to hear how far this device is. */
      readonly asked: boolean
    }
  | {
      readonly type: 'erasure'
      readonly valid: boolean
      readonly scope: 'root' | 'shard'
      readonly doc: DocPath | null
    }
  /** How many entries this relay lacks of what other relays have shown, and whether only a comparison brings them along. */
  | { readonly type: 'looked-across'; readonly doc: DocPath; readonly owed: number; readonly due: CheckReason | null }
  | {
      readonly type: 'carry-found'
      readonly doc: DocPath
      readonly entries: readonly Carried[]
      readonly behind: boolean
    }
  | { readonly type: 'renewed' }
  | { readonly type: 'failed'; readonly failure: LogFailure }

export type SessionEvent =
  | { readonly type: 'start' | 'stop' | 'opened' | 'malformed' | 'retry' | 'hidden' | 'documents' }
  | { readonly type: 'closed'; readonly code: number }
  | { readonly type: 'frame'; readonly frame: RelayFrame }
  | { readonly type: 'timer'; readonly name: TimerName }
  /** A document changed here; `urgent`: a finished practice, not typing. */
  | { readonly type: 'local'; readonly doc: DocPath }
  | { readonly type: 'urgent' }
  /** Another relay has shown something of this document. */
  | { readonly type: 'elsewhere'; readonly doc: DocPath }
  | Answer

/** Each is performed to its end before the next; one with an answer hands it to the machine before anything else happens. */
export type Effect =
  | { readonly type: 'dial' | 'hang-up' }
  | { readonly type: 'survey' | 'present-erasures' | 'renew-device' }
  | { readonly type: 'send'; readonly frame: DeviceFrame }
  | { readonly type: 'set-timer'; readonly name: TimerName; readonly ms: number }
  | { readonly type: 'clear-timer'; readonly name: TimerName }
  | { readonly type: 'authenticate'; readonly challenge: Uint8Array; readonly relayKey: Uint8Array }
  | { readonly type: 'probe' }
  | { readonly type: 'sample'; readonly t0: number; readonly t1: number; readonly t2: number }
  | { readonly type: 'count'; readonly doc: DocPath }
  | {
      readonly type: 'take'
      readonly doc: DocPath
      readonly from: Seq
      readonly items: readonly LogItem[]
      readonly ownSeq: Seq
      /** How far this session had read: another tab may be further. */
      readonly readTo: Seq
    }
  | { readonly type: 'take-snapshot'; readonly doc: DocPath; readonly chunks: readonly SnapshotChunk[] }
  | { readonly type: 'seal'; readonly doc: DocPath; readonly except: readonly number[] }
  | { readonly type: 'push'; readonly doc: DocPath; readonly ref: number; readonly rows: readonly SealedRow[] }
  | {
      readonly type: 'acknowledge'
      readonly doc: DocPath
      readonly acks: readonly { readonly counter: number; readonly seq: Seq }[]
    }
  | { readonly type: 'rewind'; readonly doc: DocPath; readonly reason: CheckReason }
  | { readonly type: 'compare'; readonly doc: DocPath }
  | { readonly type: 'repair'; readonly doc: DocPath }
  | { readonly type: 'build-snapshot'; readonly doc: DocPath }
  | { readonly type: 'compacted'; readonly doc: DocPath; readonly snapshot: BuiltSnapshot; readonly won: boolean }
  | { readonly type: 'say-held'; readonly doc: DocPath; readonly asks: boolean }
  | { readonly type: 'hear-held'; readonly doc: DocPath; readonly frames: readonly Uint8Array[] }
  | { readonly type: 'look-across' | 'find-carry'; readonly doc: DocPath }
  /** Entries of other authors, pushed as they were sealed. */
  | { readonly type: 'carry'; readonly doc: DocPath; readonly ref: number; readonly entries: readonly Carried[] }
  /** The relay has them. */
  | { readonly type: 'carried'; readonly doc: DocPath; readonly digests: readonly string[] }
  | { readonly type: 'verify-erasure'; readonly proof: Uint8Array }
