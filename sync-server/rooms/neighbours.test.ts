import { expect, test } from 'vitest'
import { createMemoryBus } from '#server/bus/memory/memory-bus.ts'
import { encodeRelayMessage, originKey } from '#server/protocol/relay-messages.ts'
import { createNeighbours } from './neighbours.ts'

const open = () => {
  const bus = createMemoryBus()
  let now = 1_000_000
  const said: number[] = []
  const gone: string[] = []
  let returns = 0
  const neighbours = createNeighbours({
    bus,
    clock: { now: () => now, after: () => () => {} },
    origin: new Uint8Array(8).fill(1),
    topic: 'relays',
    onGone: (origin) => gone.push(origin),
    onReturn: () => returns++
  })
  bus.subscribe('relays', (message) => {
    if (message[1] === 1) said.push(now)
  })
  const other = new Uint8Array(8).fill(2)
  const hear = (kind: 'alive' | 'left'): void => bus.publish('relays', encodeRelayMessage(other, { kind }))
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 1_000) {
      now += 1_000
      neighbours.tick(now)
    }
  }
  /** No tick in between. */
  const standStill = (ms: number): void => {
    now += ms
  }
  return { neighbours, said, gone, hear, pass, standStill, key: originKey(other), returns: () => returns }
}

test('[MR10] a relay says every 15 s that it lives, and others are given up after 45 s of silence', () => {
  const { said, gone, hear, pass, key } = open()
  hear('alive')
  pass(44_000)
  expect(gone).toEqual([])
  pass(2_000)
  expect(gone).toEqual([key])
  expect(said.length).toBe(4)
  pass(60_000)
  expect(gone).toEqual([key])
})

test('[MR10] one that leaves is gone at once, and a message of it that comes late counts for nothing', () => {
  const { neighbours, gone, hear, key } = open()
  hear('alive')
  hear('left')
  expect(gone).toEqual([key])
  expect(neighbours.heard(key)).toBe(false)
})

test('[MR10] one whose own clock stood still blames nobody, and says anew who is with it', () => {
  const { gone, hear, pass, standStill, returns, key } = open()
  pass(2_000)
  hear('alive')
  pass(10_000)
  standStill(600_000)
  pass(1_000)
  expect([gone, returns()]).toEqual([[], 1])
  hear('alive')
  pass(30_000)
  expect(gone).toEqual([])
  pass(20_000)
  expect(gone).toEqual([key])
  expect(returns()).toBe(1)
})
