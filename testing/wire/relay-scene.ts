import { EMPTY_CHAIN_HASH, nextChainHash } from '#core/chain.ts'
import { ENTRY_KIND } from '#core/entry.ts'
import { seq } from '#core/ids.ts'
import { SNAPSHOT_CHUNK_BYTES } from '#core/limits.ts'
import { HOST, type Rig } from './relay-rig.ts'
import { sha256, wireEntry, wireRoot, wireShard } from './root.ts'
import { refusalOf, type Wire } from './wire.ts'

/** Verbs of the relay's tests: one root, one shard, a rig of sockets in memory. */

export const root = wireRoot('a')
export const other = wireRoot('b')
export const shard = wireShard(1)

export const chain = (entries: readonly Uint8Array[]): Uint8Array[] => {
  const hashes = [EMPTY_CHAIN_HASH]
  for (const [index, entry] of entries.entries()) {
    const place = { root: root.id, shard, seq: seq(index + 1) }
    hashes.push(nextChainHash(sha256, place, hashes[index] ?? EMPTY_CHAIN_HASH, sha256(entry)))
  }
  return hashes
}

export const enter = async (rig: Rig, options = {}) => {
  const wire = rig.plug(options)
  await wire.enter(root, HOST)
  return wire
}

export const pushed = async (wire: Wire, entries: readonly Uint8Array[], ref = 1) => {
  wire.push(shard, entries, ref)
  return wire.until('ack')
}

export const nackOf = async (wire: Wire) => refusalOf(await wire.until('nack'))

/** SNAP in chunks. */
export const snap = (wire: Wire, to: number, hashTo: Uint8Array, bytes: Uint8Array, ref = 9): void => {
  const count = Math.ceil(bytes.byteLength / SNAPSHOT_CHUNK_BYTES)
  for (let index = 0; index < count; index++) {
    const chunk = bytes.subarray(index * SNAPSHOT_CHUNK_BYTES, (index + 1) * SNAPSHOT_CHUNK_BYTES)
    wire.send({ type: 'snap', ch: 0, shard, ref, from: seq(1), to: seq(to), hashTo, index, count, chunk })
  }
}
export const sealedSnapshot = (size = 100) => wireEntry('', { kind: ENTRY_KIND.snapshot, size })
