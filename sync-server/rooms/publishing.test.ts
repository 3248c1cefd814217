import { expect, test } from 'vitest'
import type { Effect } from '#server/protocol/effects.ts'
import { createRig } from '#testing/wire/relay-rig.ts'
import { enter, shard } from '#testing/wire/relay-scene.ts'
import { wireEntry } from '#testing/wire/root.ts'

type Sent = Extract<Effect, { readonly kind: 'send' }>

const sharedIn = (effects: readonly Effect[]): NonNullable<Sent['shared']>[] =>
  effects.flatMap((effect) => (effect.kind === 'send' && effect.shared !== undefined ? [effect.shared] : []))

test('what two devices push within one commit reaches all others as one message, made once, and themselves with digests', async () => {
  const effects: Effect[] = []
  const rig = createRig({ onEffect: (effect) => void effects.push(effect) })
  const wires = [await enter(rig), await enter(rig), await enter(rig), await enter(rig)]
  for (const wire of wires) {
    wire.pull(shard)
    await wire.expect('head')
  }
  const [a, b, c, d] = wires
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four')
  const entries = [wireEntry(), wireEntry()] as const
  a.push(shard, [entries[0]], 1)
  b.push(shard, [entries[1]], 1)
  const kinds = (items: readonly { readonly kind: string }[]) => items.map(({ kind }) => kind)
  for (const wire of [c, d]) expect(kinds((await wire.expect('entries')).items)).toEqual(['entry', 'entry'])
  const shared = sharedIn(effects)
  expect(shared.length).toBeGreaterThanOrEqual(2)
  expect(shared.filter((each) => each === shared.at(-1)).length).toBe(2)
  await a.expect('ack')
  expect(kinds((await a.expect('entries')).items)).toEqual(['digest'])
  expect(kinds((await a.expect('entries')).items)).toEqual(['entry'])
})

test('a message too large to leave at once is counted by each socket', async () => {
  const effects: Effect[] = []
  const rig = createRig({ onEffect: (effect) => void effects.push(effect) })
  const [a, b] = [await enter(rig), await enter(rig)]
  b.pull(shard)
  await b.expect('head')
  for (let ref = 1; ref <= 3; ref++)
    a.push(
      shard,
      Array.from({ length: 250 }, () => wireEntry()),
      ref
    )
  const got = await b.expect('entries')
  expect(got.items).toHaveLength(750)
  const largest = effects.reduce(
    (most, each) => (each.kind === 'send' ? Math.max(most, each.bytes.byteLength) : most),
    0
  )
  expect(largest).toBeGreaterThan(32_768)
  expect(sharedIn(effects)).toEqual([])
})
