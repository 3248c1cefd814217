import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { createBench } from '#app/sync/bench.ts'
import { buildSnapshot } from '#app/sync/compact.ts'
import { createHouse } from '#app/sync/devices.fixture.ts'
import { JOURNAL } from '#app/sync/notebook.fixture.ts'
import type { RootId, ShardId } from '#core/ids.ts'
import { toHex } from './codec.ts'
import { openEntry, openSnapshot } from './entries.ts'
import { deriveRoot } from './keys.ts'

/** What the app puts into a snapshot, read by the client that knows only the text. */
const house = async () => {
  const { device, pass, relay } = createHouse(11)
  const alice = await device('alice')
  const phrase = await alice.vault.phrase()
  if (!phrase.ok) throw new Error(phrase.error.kind)
  const root = deriveRoot(phrase.value.join(' '), 0)
  const snapshot = async () => {
    const built = await buildSnapshot(createBench(alice.ports), JOURNAL)
    if (built.type !== 'built' || !built.snapshot) throw new Error('nothing was built')
    return openSnapshot(root, root.shard(JOURNAL), built.snapshot.bytes)
  }
  return { alice, pass, relay, root, snapshot }
}

const recordsOf = (update: Uint8Array): unknown => {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc.getMap('records').toJSON()
}

test('[SN1] a snapshot holds what the relay acknowledged, nothing that waits, and nothing that was deleted', async () => {
  const { alice, pass, snapshot } = await house()
  await alice.write('kept', 'stays')
  await alice.write('gone', 'a line that was taken back')
  await pass(30_000)
  await alice.remove('gone')
  await pass(30_000)
  expect(alice.facts().status).toMatchObject({ waiting: 0 })
  alice.setOnline(false)
  await alice.write('waiting', 'not sent yet')
  const { document } = await snapshot()
  expect(recordsOf(document)).toEqual({ kept: 'stays' })
  expect(Buffer.from(document).includes('taken back')).toBe(false)
})

test('[SN2] a snapshot uses up no counter and no place in the chain', async () => {
  const { alice, pass, relay, root, snapshot } = await house()
  await alice.write('one', 'before')
  await pass(30_000)
  const { to, covers } = await snapshot()
  await alice.write('two', 'after')
  await pass(30_000)
  const shard = root.shard(JOURNAL)
  const rows = relay.disk.roots.get(root.rootId as RootId)?.shards.get(toHex(shard) as ShardId)?.rows ?? []
  expect(rows).toHaveLength(to + 1)
  const next = openEntry(root, shard, covers, rows[to]?.bytes ?? new Uint8Array())
  const [line] = [...covers.values()]
  expect(next?.counter).toBe(to + 1)
  expect(next?.counter).toBe(line?.counter)
})
