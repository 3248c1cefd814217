import type * as Y from 'yjs'
import { concatBytes } from '#core/bytes.ts'
import type { Sha256 } from '#core/chain.ts'
import { EMPTY_CHAIN_HASH } from '#core/chain.ts'
import { decodeSnapshotBody } from '#core/entry.ts'
import type { RootId, Seq, ShardId } from '#core/ids.ts'
import type { EntryLog } from '#server/rooms/ports.ts'
import { docOf } from './contents.ts'
import { isUpdate, type Registry, type Sealing } from './registry.ts'

/** What a device with the phrase and nothing else would get from this relay now. */

export interface Readable {
  readonly sealings: readonly Sealing[]
  /** Sealed bytes that the relay gives and that no device made. */
  readonly strangers: number
  readonly doc: Y.Doc
  readonly updates: readonly Uint8Array[]
}

const readSnapshot = async (store: EntryLog, ref: { root: RootId; shard: ShardId }, to: Seq): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for (let index = 0; ; index++) {
    const part = await store.readSnapshot(ref, to, index)
    if (!part.ok || part.value === undefined) return concatBytes(...parts)
    parts.push(part.value)
  }
}

/** @returns undefined where the shard is erased. */
export const readShard = async (
  store: EntryLog,
  registry: Registry,
  sha256: Sha256,
  ref: { readonly root: RootId; readonly shard: ShardId }
): Promise<Readable | undefined> => {
  const tail = await store.readAfter(ref, 0 as Seq, EMPTY_CHAIN_HASH, Number.POSITIVE_INFINITY)
  if (!tail.ok) return undefined
  const { snapshot, entries } = tail.value
  const digests = entries.map(({ digest }) => digest)
  if (snapshot) digests.unshift(sha256(await readSnapshot(store, ref, snapshot.to)))
  const sealings = digests.map((digest) => registry.find(digest))
  const known = sealings.filter((sealing) => sealing !== undefined)
  const updates = known.flatMap((sealing) => {
    if (isUpdate(sealing)) return [sealing.body]
    if (!snapshot || sealing !== sealings[0]) return []
    const body = decodeSnapshotBody(sealing.body)
    return body.ok ? [body.value.document] : []
  })
  return { sealings: known, strangers: sealings.length - known.length, updates, doc: docOf(...updates) }
}
