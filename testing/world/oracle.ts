import * as Y from 'yjs'
import type { DocPath } from '#app/store/ports.ts'
import type { SafetyLevel } from '#app/sync/status.ts'
import { bytesToHex } from '#core/bytes.ts'
import type { Sha256 } from '#core/chain.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import { contains, contentOf, docOf, holds, isWhole } from './contents.ts'
import type { Fail } from './counts.ts'
import type { Store } from './disk.ts'
import type { Held } from './held.ts'
import { isUpdate, type Registry, type Sealing } from './registry.ts'
import { type Readable, readShard } from './relay-reading.ts'
import type { Stored } from './stored.ts'

/** Judges a world by what was promised: see docs/spec/world.md. It reads every disk and needs no keys. */

export interface Party {
  readonly name: string
  readonly root: () => RootId
  readonly shardOf: (path: DocPath) => Promise<ShardId>
  readonly held: () => Held
  /** The document as this device's disk has it. */
  readonly load: (path: DocPath) => Promise<Y.Doc>
}

/** One tab that shows how safe things are. */
export interface Badge {
  readonly party: Party
  /** How far it says that everything got; `this-device` also where it cannot know yet that the relay's process is another. */
  readonly says: () => SafetyLevel
}

export interface Oracle {
  acknowledged(digest: Uint8Array): void
  /** The relay has another disk: what it no longer holds may be gone for good, unless somebody has it. */
  relayReplaced(): Promise<void>
  judgeBadge(badge: Badge, others: readonly Party[]): Promise<void>
  /** After healing: `parties` are the devices that came back. */
  judgeEnd(parties: readonly Party[], paths: readonly DocPath[]): Promise<void>
}

export const createOracle = (options: {
  readonly registry: Registry
  readonly stored: Stored
  readonly store: () => Store
  readonly sha256: Sha256
  readonly fail: Fail
}): Oracle => {
  const { registry, stored, sha256, fail } = options
  const acked = new Map<string, Sealing>()
  const lost = new Set<string>()
  let readings = new Map<ShardId, Readable | undefined>()
  let readAt = -1
  const lastLook = new Map<string, string>()

  const read = async (root: RootId, shard: ShardId): Promise<Readable | undefined> => {
    if (readAt !== stored.version()) readings = new Map()
    readAt = stored.version()
    if (!readings.has(shard)) readings.set(shard, await readShard(options.store(), registry, sha256, { root, shard }))
    return readings.get(shard)
  }

  const judgeRelay = (readable: Readable, path: DocPath): void => {
    if (readable.strangers > 0)
      fail('WO4', `${path}: the relay gives ${readable.strangers} entries that no device sealed`)
    if (!isWhole(readable.doc)) fail('WO2', `${path}: what the relay gives waits for something it does not give`)
  }

  const judgePath = async (parties: readonly Party[], path: DocPath): Promise<void> => {
    const [first] = parties
    if (!first) return
    const shard = await first.shardOf(path)
    const docs = await Promise.all(parties.map(async (party) => ({ party, doc: await party.load(path) })))
    const relay = await read(first.root(), shard)
    if (!relay) {
      fail('WO2', `${path}: the relay refuses the living root`)
      return
    }
    judgeRelay(relay, path)
    const required = [...acked].filter(
      ([name, sealing]) => !lost.has(name) && sealing.shard === shard && isUpdate(sealing)
    )
    for (const { party, doc } of docs) {
      if (!isWhole(doc)) fail('WO2', `${path}: ${party.name} waits for a change that never came`)
      const missing = required.filter(([, { body }]) => !holds(doc, body))
      for (const [, { author, counter }] of missing.slice(0, 3)) {
        fail('WO2', `${path}: ${party.name} lacks acknowledged entry ${counter} of ${author}`)
      }
      for (const other of parties) {
        const held = other.held().docs.get(path)
        if (held && !contains(doc, held)) fail('WO2', `${path}: ${party.name} lacks what ${other.name} held`)
      }
      if (!contains(relay.doc, doc)) fail('WO8', `${path}: ${party.name} has what the relay has not`)
      if (!contains(doc, relay.doc)) fail('WO8', `${path}: the relay has what ${party.name} has not`)
      if (contentOf(doc) !== contentOf(relay.doc))
        fail('WO8', `${path}: ${party.name} shows something else than the relay holds`)
    }
  }

  return {
    acknowledged: (digest) => {
      const sealing = registry.find(digest)
      if (!sealing) return
      acked.set(bytesToHex(digest), sealing)
      lost.delete(bytesToHex(digest))
    },
    relayReplaced: async () => {
      for (const [name, sealing] of acked) {
        if (!isUpdate(sealing)) continue
        const readable = await read(sealing.root, sealing.shard)
        if (readable === undefined || !holds(readable.doc, sealing.body)) lost.add(name)
      }
    },
    judgeBadge: async ({ party, says }, others) => {
      const level = says()
      if (level === 'this-device') return
      const looked = `${level}/${stored.version()}/${party.held().version()}/${party.root()}`
      if (lastLook.get(party.name) === looked) return
      lastLook.set(party.name, looked)
      for (const [path, doc] of party.held().own) {
        const readable = await read(party.root(), await party.shardOf(path))
        // Erased meanwhile, and not told yet: nothing is promised of it any more.
        if (!readable) continue
        if (!contains(readable.doc, doc)) {
          fail('WO5', `${path}: ${party.name} says saved, and the relay lacks what it wrote`)
        }
        if (level !== 'other-device') continue
        const elsewhere = await Promise.all(others.map(async (other) => Y.encodeStateAsUpdate(await other.load(path))))
        if (!contains(docOf(...elsewhere), doc)) {
          fail('WO5', `${path}: ${party.name} says on another device, and no other has all that it wrote`)
        }
      }
    },
    judgeEnd: async (parties, paths) => {
      for (const path of paths) await judgePath(parties, path)
    }
  }
}
