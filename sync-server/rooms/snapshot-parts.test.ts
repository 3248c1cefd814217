import { expect, test } from 'vitest'
import type { Effect } from '#server/protocol/effects.ts'
import { createMemoryDisk } from '#server/storage/memory/memory-disk.ts'
import { createMemoryLog } from '#server/storage/memory/memory-log.ts'
import { createRig } from '#testing/wire/relay-rig.ts'
import { chain, enter, pushed, sealedSnapshot, shard, snap } from '#testing/wire/relay-scene.ts'
import { sha256, wireEntry } from '#testing/wire/root.ts'

test('who load a shard at the same time share one reading of its snapshot and one message of each part', async () => {
  const log = createMemoryLog({ disk: createMemoryDisk(), ledger: [], sha256, now: () => 0, rootBytes: 1e9 })
  let reads = 0
  const effects: Effect[] = []
  const rig = createRig({
    log: {
      ...log,
      readSnapshot(...given) {
        reads++
        return log.readSnapshot(...given)
      }
    },
    onEffect: (effect) => void effects.push(effect)
  })
  const writer = await enter(rig)
  const entries = [wireEntry(), wireEntry()]
  await pushed(writer, entries)
  const whole = sealedSnapshot(600_000)
  snap(writer, 2, chain(entries)[2] as Uint8Array, whole)
  await writer.until('ack')
  const readers = await Promise.all(Array.from({ length: 8 }, () => enter(rig)))
  for (const reader of readers) reader.pull(shard)
  for (const reader of readers) {
    const parts = [await reader.expect('snapshot'), await reader.expect('snapshot'), await reader.expect('snapshot')]
    expect(Buffer.compare(Buffer.concat(parts.map(({ chunk }) => chunk)), whole)).toBe(0)
    expect((await reader.expect('head')).seq).toBe(2)
  }
  expect(reads).toBe(3)
  const large = effects.flatMap((each) => (each.kind === 'send' && each.bytes.byteLength > 80_000 ? [each.bytes] : []))
  expect(large.length).toBe(24)
  expect(new Set(large).size).toBe(3)
  // A second later nothing of it is held any more.
  rig.clock.pass(1_000)
  readers[0]?.pull(shard)
  await readers[0]?.until('head')
  expect(reads).toBe(6)
})
