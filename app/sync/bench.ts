import type { DocPath, LogFailure, RelayName, SealedRow } from '#app/store/ports.ts'
import type { Keyholder } from '#app/vault/ports.ts'
import type { Sha256 } from '#core/chain.ts'
import type { DeviceId, Seq } from '#core/ids.ts'
import type { Result } from '#core/result.ts'
import type { RunnerPorts } from './ports.ts'
import type { CheckReason } from './session-words.ts'

/** What the work on one relay needs between two effects. Nothing on it must survive: what must is in the log or on the shelf. */
export interface Bench {
  readonly ports: RunnerPorts
  /** Changes when this device takes a new key. */
  keyholder: Keyholder
  /** Own entries pushed on this socket, by SHA-256 (hex): the relay names them by nothing else. */
  readonly pushed: Map<string, SealedRow>
  /** Entries of other authors given back on this socket as they were: the relay names those by their SHA-256 too. */
  readonly returned: Map<string, Uint8Array>
  /** Everything the relay gave since seq 0 or since a snapshot, for documents that are being compared. */
  readonly walks: Map<DocPath, Walk>
  /** First 4 bytes of SHA-256(relay key); zeros before the first CHALLENGE. */
  relayMark: Uint8Array
}

export interface Walk {
  readonly updates: Uint8Array[]
  /** SHA-256 (hex) of every entry that came with its bytes. */
  readonly digests: Set<string>
  /** Of each author: up to which counter the relay can show everything, and what lies beyond a gap. */
  readonly shown: Map<DeviceId, { upTo: number; readonly beyond: Set<number> }>
}

export const startWalk = (): Walk => ({ updates: [], digests: new Set(), shown: new Map() })

/** @param from what a snapshot covers counts from there, an entry only where it follows. */
export const noteShown = (walk: Walk, device: DeviceId, counter: number, from: 'entry' | 'cover'): void => {
  const line = walk.shown.get(device) ?? { upTo: 0, beyond: new Set() }
  walk.shown.set(device, line)
  if (from === 'cover') line.upTo = Math.max(line.upTo, counter)
  else line.beyond.add(counter)
  while (line.beyond.delete(line.upTo + 1)) line.upTo += 1
}

export const createBench = (ports: RunnerPorts): Bench => ({
  ports,
  keyholder: ports.keyholder,
  pushed: new Map(),
  returned: new Map(),
  walks: new Map(),
  relayMark: new Uint8Array(4)
})

export const markOf = (sha256: Sha256, relayKey: Uint8Array): Uint8Array => sha256(relayKey).slice(0, 4)

/** A failure of the log ends the work at hand; runner.ts turns it into an answer. */
export class LogFailed extends Error {
  readonly failure: LogFailure
  constructor(failure: LogFailure) {
    super(`log: ${failure.kind}`)
    this.failure = failure
  }
}

export const need = <Value>(result: Result<Value, LogFailure>): Value => {
  if (!result.ok) throw new LogFailed(result.error)
  return result.value
}

/** True when it was kept, false when another tab was faster. */
export const kept = <Value>(result: Result<Value, LogFailure | { readonly kind: 'raced' }>): boolean => {
  if (result.ok) return true
  if (result.error.kind === 'raced') return false
  throw new LogFailed(result.error)
}

export interface Waiting {
  /** Edits that the relay has not confirmed. */
  readonly waiting: number
  /** How many of them are not even sealed. */
  readonly unsealed: number
  /** How far the relay's log was read, by whichever tab. */
  readonly seq: Seq
}

export const countWaiting = async ({ ports: { log, relay } }: Bench, doc: DocPath): Promise<Waiting> => {
  const unsealed = need(await log.unsealed(doc)).length
  const sealed = need(await log.unacknowledged(doc, relay))
  // Last: what another tab has confirmed meanwhile, it has also read.
  const { cursor } = need(await log.shard(doc, relay))
  return { waiting: sealed.reduce((sum, row) => sum + row.rows.length, unsealed), unsealed, seq: cursor.seq }
}

/** What must outlive a crash of a comparison. */
export interface Mark {
  readonly check: CheckReason | null
  readonly gap: boolean
  /** Of several relays: how far this one had each author by content when it was last compared. */
  readonly even?: readonly (readonly [device: DeviceId, counter: number])[]
}

const CLEAR: Mark = { check: null, gap: false }

export const markKey = (relay: RelayName, doc: DocPath): string => `sync/check/${relay}/${doc}`

export const markOfRelay = async ({ ports }: Bench, relay: RelayName, doc: DocPath): Promise<Mark> =>
  (need(await ports.shelf.get(markKey(relay, doc))) as Mark | undefined) ?? CLEAR

export const readMark = (bench: Bench, doc: DocPath): Promise<Mark> => markOfRelay(bench, bench.ports.relay, doc)

export const writeMark = async (bench: Bench, doc: DocPath, mark: Mark): Promise<void> => {
  const key = markKey(bench.ports.relay, doc)
  const empty = mark.check === null && !mark.gap && (mark.even ?? []).length === 0
  need(empty ? await bench.ports.shelf.delete(key) : await bench.ports.shelf.put(key, mark))
}

export const DEVICE_KEY = 'sync/device'

/**
 * After a new device key (a clone was found, another phrase was adopted) every line begins again. Noted afterwards: done twice it
 * does nothing, left out it would give one counter to two keys.
 */
export const followDevice = async (bench: Bench): Promise<void> => {
  const { shelf, log } = bench.ports
  const known = need(await shelf.get(DEVICE_KEY)) as DeviceId | undefined
  if (known === bench.keyholder.device) return
  // Another tab may have taken the new key: whoever went on under the former one would begin its line again and again.
  const current = await bench.ports.vault.current()
  if (!current.ok) throw new Error(`reading the keys: ${current.error.kind}`)
  if (current.value.root !== bench.keyholder.root) throw new LogFailed({ kind: 'closed' })
  if (current.value.device !== bench.keyholder.device) bench.keyholder = current.value
  if (known === bench.keyholder.device) return
  need(await log.beginAuthor())
  need(await shelf.put(DEVICE_KEY, bench.keyholder.device))
}

/**
 * Pulled rows are written whole but not flushed: a power cut may take them back, since the relay has them. Before this device tells
 * another that it holds them, one durable write makes everything before it durable too.
 */
export const holdFast = async ({ ports }: Bench): Promise<void> => {
  need(await ports.shelf.put('sync/held-fast', ports.clock.now()))
}

const FORMER_KEY = 'sync/former-devices'

/** Names this profile wrote under before it found that it was copied: what stands under them is its own writing still. */
export const formerDevices = async ({ ports }: Bench): Promise<readonly DeviceId[]> =>
  (need(await ports.shelf.get(FORMER_KEY)) as readonly DeviceId[] | undefined) ?? []

export const keepFormerDevice = async (bench: Bench): Promise<void> => {
  const former = await formerDevices(bench)
  const { device } = bench.keyholder
  if (!former.includes(device)) need(await bench.ports.shelf.put(FORMER_KEY, [...former, device]))
}
