import { createHash } from 'node:crypto'
import { EMPTY_CHAIN_HASH, nextChainHash } from '#core/chain.ts'
import { type RootId, type ShardId, seq } from '#core/ids.ts'
import type { RoomName, UpdateLog } from '#server/rooms/open-ports.ts'
import type { EntryLog, EntryLogAdmin } from '#server/rooms/ports.ts'

/** A log with one of everything: what the fixture of each schema's version holds, and what is asked of it once it is migrated. */

type Filled = EntryLog & EntryLogAdmin & { readonly updates: UpdateLog; swept(): Promise<void> }

const toBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

const fillShard = async (log: Filled): Promise<void> => {
  const ref = { root: 'AAAAAAAAAAAAAAAAAAAAAA' as RootId, shard: '00000000000000000000000000000001' as ShardId }
  const entries = ['one', 'two', 'three'].map(toBytes)
  let hash = EMPTY_CHAIN_HASH
  for (const [index, entry] of entries.slice(0, 2).entries()) {
    hash = nextChainHash(sha256, { ...ref, seq: seq(index + 1) }, hash, sha256(entry))
  }
  await log.adopt(ref.root, 0, toBytes('certificate'))
  await log.append([{ ...ref, entries, epoch: 0 }])
  await log.snapshot(ref, 0, { from: seq(1), to: seq(2), hashTo: hash, bytes: toBytes('snapshot') })
}

const eraseRoot = (log: Filled): Promise<unknown> =>
  log.erase(
    {
      scope: { kind: 'root', root: 'BBBBBBBBBBBBBBBBBBBBBB' as RootId },
      rootKey: new Uint8Array(32).fill(7),
      signature: new Uint8Array(64).fill(9)
    },
    77
  )

const fillRoom = async ({ updates }: Filled): Promise<void> => {
  const room = 'notes/été' as RoomName
  await updates.append(['eins', 'zwei', 'drei'].map((text) => ({ room, bytes: toBytes(text) })))
  const staged = await updates.stage(room, {
    upto: 2,
    bytes: toBytes('eins und zwei'),
    stateVector: new Uint8Array([1, 2]),
    deletes: new Uint8Array([0, 0])
  })
  if (staged.ok) await updates.adopt(room, 0, staged.value)
}

export const fillLog = async (log: Filled): Promise<void> => {
  await fillShard(log)
  await eraseRoot(log)
  await fillRoom(log)
  await log.swept()
}
