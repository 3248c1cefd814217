import { create, int53, real53, uint32 } from 'lib0/prng'

/** Every choice of a simulated world comes from here: the same seed makes the same choices. */
export interface Random {
  /** An integer with 0 <= n < bound. */
  below(bound: number): number
  /** An integer with from <= n <= to. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  /** Throws on an empty list: a world that picks from nothing is a mistake in the test. */
  pick<Item>(items: readonly Item[]): Item
  bytes(length: number): Uint8Array<ArrayBuffer>
  /** An independent stream, so that a new draw in one place does not shift all the others. */
  fork(): Random
}

export const createRandom = (seed: number): Random => {
  const generator = create(seed)
  const below = (bound: number): number => Math.floor(real53(generator) * bound)
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => real53(generator) < probability,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    bytes: (length) => {
      const out = new Uint8Array(length)
      for (let i = 0; i < length; i++) out[i] = uint32(generator, 0, 255)
      return out
    },
    fork: () => createRandom(int53(generator, 0, 2 ** 31))
  }
}
