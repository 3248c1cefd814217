import { expect, test } from 'vitest'
import { root } from '#testing/wire/relay-scene.ts'
import { wireShard } from '#testing/wire/root.ts'
import { createPresence } from './presence.ts'

test('[MR12] other relays bring a thousand frames to one tick of a shard, and the newest of each sender', () => {
  let flush = (): void => {}
  const told: Uint8Array[] = []
  const presence = createPresence<object>({
    clock: {
      now: () => 0,
      after(_, run) {
        flush = run
        return () => {}
      }
    },
    tickMs: 50,
    listeners: () => [{}],
    tell: (_listener, _root, _shard, frames) => told.push(...frames)
  })
  const frames = Array.from({ length: 1_200 }, (_, sender) => ({ sender, frame: new Uint8Array([1]) }))
  presence.hear(root.id, wireShard(1), 'another', frames)
  presence.hear(root.id, wireShard(1), 'another', [{ sender: 7, frame: new Uint8Array([2]) }])
  flush()
  expect(told.length).toBe(1_000)
  expect(told.filter(([first]) => first === 2).length).toBe(1)
})
