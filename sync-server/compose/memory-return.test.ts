import { expect, test } from 'vitest'
import { createMemoryReturn, exposedCollection } from './memory-return.ts'

const watched = () => {
  let collections = 0
  const memory = createMemoryReturn(() => {
    collections++
  })
  const look = (connections: number, seconds: number): number => {
    for (let second = 0; second < seconds; second++) memory.look(connections)
    return collections
  }
  return { look }
}

test('once many have left and nothing changes any more, what they held is collected, once', () => {
  const { look } = watched()
  expect(look(1_000, 10)).toBe(0)
  expect(look(3, 3)).toBe(0)
  expect(look(3, 1)).toBe(1)
  expect(look(3, 100)).toBe(1)
})

test('a few who leave are no reason, nor is a room that comes back', () => {
  const { look } = watched()
  look(150, 10)
  expect(look(0, 100)).toBe(0)
  look(1_000, 10)
  expect(look(900, 100)).toBe(0)
  look(10, 2)
  expect(look(990, 100)).toBe(0)
})

test('whoever keeps coming and going keeps it waiting', () => {
  const { look } = watched()
  look(1_000, 1)
  for (let n = 0; n < 50; n++) look(n % 2, 1)
  expect(look(0, 2)).toBe(0)
  expect(look(0, 3)).toBe(1)
})

test('garbage is collected without a flag on the command line', () => {
  const collect = exposedCollection()
  const garbage = (): WeakRef<object> => new WeakRef({})
  const ref = garbage()
  return new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => {
    collect()
    expect(ref.deref()).toBeUndefined()
  })
})
