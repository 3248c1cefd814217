import { bytesEqual, concatBytes } from '#core/bytes.ts'
import { CAP_APPEND, CAP_JOIN, CAP_SNAP, encodeWriterCertificate } from '#core/certificate.ts'
import { decodeOuter, ENTRY_KIND, type OuterEntry, SUITE_AES_GCM_ED25519 } from '#core/entry.ts'
import type { DeviceFrame } from '#core/frames.ts'
import type { ShardId } from '#core/ids.ts'
import { MAX_ENTRY_BYTES, MAX_SNAPSHOT_BYTES, SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { err, ok, type Result } from '#core/result.ts'
import { change, type Draft, nack, send } from './draft.ts'
import type { Answer } from './events.ts'
import { isExpired } from './opening.ts'
import type { Assembly, ReadyChannel, Refused } from './state.ts'

/** PUSH and SNAP: what a device brings. The relay judges form, rights and epoch; what is inside it cannot read. */

type FrameOf<Type extends DeviceFrame['type']> = Extract<DeviceFrame, { readonly type: Type }>
type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>

/** The channel where it may be written to now, else why not. */
export const writable = (draft: Draft, ch: number, needs: number): Result<ReadyChannel, Refused> => {
  const channel = draft.state.channels.get(ch)
  if (channel === undefined) return err({ name: 'unknown-channel' })
  if (channel.kind !== 'ready') return err({ name: 'not-authenticated' })
  if (isExpired(channel.certificate.notAfter, draft.env.now)) return err({ name: 'expired' })
  return (channel.certificate.caps & needs) === needs ? ok(channel) : err({ name: 'not-permitted' })
}

const PUSHED_KINDS: ReadonlySet<number> = new Set([
  ENTRY_KIND.update,
  ENTRY_KIND.deviceCertificate,
  ENTRY_KIND.control,
  ENTRY_KIND.join,
  ENTRY_KIND.file
])

const judgeOuter = (outer: OuterEntry, channel: ReadyChannel): Refused | undefined => {
  if (outer.suite !== SUITE_AES_GCM_ED25519) return { name: 'unsupported' }
  if (outer.epoch === channel.certificate.epoch) return undefined
  return { name: 'epoch', detail: encodeWriterCertificate(channel.certificate) }
}

const judgeEntry = (bytes: Uint8Array, channel: ReadyChannel): Refused | undefined => {
  if (bytes.byteLength > MAX_ENTRY_BYTES) return { name: 'too-large' }
  const outer = decodeOuter(bytes)
  if (!outer.ok || !PUSHED_KINDS.has(outer.value.kind)) return { name: 'malformed' }
  const needs = outer.value.kind === ENTRY_KIND.join ? CAP_JOIN : CAP_APPEND
  if ((channel.certificate.caps & needs) === 0) return { name: 'not-permitted' }
  return judgeOuter(outer.value, channel)
}

export const onPush = (draft: Draft, { ch, shard, ref, entries }: FrameOf<'push'>): undefined => {
  const { env, state } = draft
  const refuse = (refused: Refused): undefined => nack(draft, { ch, shard, ref }, refused)
  const channel = writable(draft, ch, 0)
  if (!channel.ok) return refuse(channel.error)
  if (entries.length === 0) return refuse({ name: 'malformed' })
  for (const entry of entries) {
    const refused = judgeEntry(entry, channel.value)
    if (refused !== undefined) return refuse(refused)
  }
  const size = entries.reduce((sum, entry) => sum + entry.byteLength, 0)
  const crowded = state.pendingPushes >= env.limits.pendingPushes || state.pendingBytes + size > env.limits.pendingBytes
  if (env.overloaded || crowded) return refuse({ name: 'paused' })
  const { root, ticket, certificate } = channel.value
  state.pendingPushes += 1
  state.pendingBytes += size
  draft.effects.push({ kind: 'append', ch, ticket, root, shard, ref, epoch: certificate.epoch, entries, size })
}

export const onAppended = (draft: Draft, { ch, ticket, shard, ref, size, result }: AnswerOf<'appended'>): undefined => {
  const { state } = draft
  state.pendingPushes -= 1
  state.pendingBytes -= size
  if (state.channels.get(ch)?.ticket !== ticket) return
  if (result.ok) send(draft, { type: 'ack', ch, shard, ref, seqs: result.value.seqs, hash: result.value.hash })
  else nack(draft, { ch, shard, ref }, result.error)
}

const startAssembly = (frame: FrameOf<'snap'>, now: number): Assembly => {
  const { ch, shard, ref, from, to, hashTo, count } = frame
  return { ch, shard, ref, from, to, hashTo, count, parts: [], bytes: 0, at: now }
}

const continues = (assembly: Assembly, frame: FrameOf<'snap'>): boolean =>
  assembly.ch === frame.ch &&
  assembly.shard === frame.shard &&
  assembly.ref === frame.ref &&
  assembly.from === frame.from &&
  assembly.to === frame.to &&
  assembly.count === frame.count &&
  assembly.parts.length === frame.index &&
  bytesEqual(assembly.hashTo, frame.hashTo)

export const onSnap = (draft: Draft, frame: FrameOf<'snap'>): undefined => {
  const { ch, shard, ref, index, count, chunk } = frame
  const { env, state } = draft
  const refuse = (refused: Refused): undefined => {
    change(draft, { assembly: undefined, refusedSnap: { ch, ref } })
    nack(draft, { ch, shard, ref }, refused)
  }
  if (index > 0 && state.refusedSnap?.ch === ch && state.refusedSnap.ref === ref) return
  const channel = writable(draft, ch, CAP_SNAP)
  if (!channel.ok) return refuse(channel.error)
  const assembly = index === 0 ? startAssembly(frame, env.now) : state.assembly
  if (assembly === undefined || !continues(assembly, frame)) return refuse({ name: 'malformed' })
  const bytes = assembly.bytes + chunk.byteLength
  const parts = Math.ceil(MAX_SNAPSHOT_BYTES / SNAPSHOT_CHUNK_BYTES)
  if (bytes > MAX_SNAPSHOT_BYTES || count > parts) return refuse({ name: 'too-large' })
  // Each but the last is whole, so that an empty chunk cannot keep an assembly alive.
  if (index < count - 1 && chunk.byteLength !== SNAPSHOT_CHUNK_BYTES) return refuse({ name: 'malformed' })
  if (env.overloaded || chunk.byteLength > env.assemblyRoom) return refuse({ name: 'paused' })
  const grown = { ...assembly, parts: [...assembly.parts, chunk], bytes, at: env.now }
  if (index < count - 1) return change(draft, { assembly: grown, refusedSnap: undefined })
  change(draft, { assembly: undefined, refusedSnap: undefined })
  const refused = swap(draft, channel.value, grown)
  if (refused !== undefined) refuse(refused)
}

const swap = (draft: Draft, channel: ReadyChannel, assembly: Assembly): Refused | undefined => {
  const { ch, shard, ref, from, to, hashTo } = assembly
  const bytes = concatBytes(...assembly.parts)
  const outer = decodeOuter(bytes, MAX_SNAPSHOT_BYTES)
  if (!outer.ok || outer.value.kind !== ENTRY_KIND.snapshot) return { name: 'malformed' }
  const refused = judgeOuter(outer.value, channel)
  if (refused !== undefined) return refused
  const { root, ticket, certificate } = channel
  draft.effects.push({ kind: 'swap', ch, ticket, root, shard, ref, epoch: certificate.epoch, from, to, hashTo, bytes })
  return undefined
}

export const onSwapped = (draft: Draft, { ch, ticket, shard, ref, result }: AnswerOf<'swapped'>): undefined => {
  if (draft.state.channels.get(ch)?.ticket !== ticket) return
  if (result.ok) send(draft, { type: 'ack', ch, shard, ref, seqs: [result.value.seq], hash: result.value.hash })
  else nack(draft, { ch, shard, ref }, result.error)
}

export const onPresent = (draft: Draft, ch: number, shard: ShardId, frame: Uint8Array): undefined => {
  const channel = writable(draft, ch, CAP_APPEND)
  if (!channel.ok) return nack(draft, { ch, shard }, channel.error)
  // Presence of the moment: under load the newest that can be sent later says more than this one.
  if (!draft.env.overloaded) draft.effects.push({ kind: 'present', root: channel.value.root, shard, frame })
}
